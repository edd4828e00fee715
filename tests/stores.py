"""Corpora at URLs: made as the command does it, and looked at; a store on this machine, and what stands before it."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from pipeline.config import load
from pipeline.engines.local import run_here
from pipeline.logs import LOGS
from pipeline.plan import make_plan
from pipeline.publishing import hosted, worker_for
from pipeline.runner import prepare
from pipeline.runner import run as run_job
from pipeline.settings import Settings
from pipeline.stores import open_system
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.runner import Summary
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker


def run_at(source: str | Path, corpus: str | Path, *overrides: str, part: tuple[int, int] = (1, 1)) -> Summary:
    """Make a corpus of articles, either of them at a URL, in shards of one article and some more."""
    places = (f"input.path={source}", f"output.path={corpus}", "shards.articles=2")
    loaded = load(ROOT / "configs" / "minimal.yaml", Settings, [*places, *overrides])
    output = loaded.settings.output
    with hosted(output, part) as look_again:
        job = prepare(make_plan(loaded))

        def engine(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
            yield from run_here(worker, shards)
            look_again()

        return run_job(job, engine, worker_for(output)(job), part)


TOLD = f"{LOGS}/"


def put(url: str, folder: Path) -> None:
    """Copy the files of a folder to a URL."""
    system, root = open_system(url)
    for path in folder.rglob("*"):
        if path.is_file():
            system.pipe_file(f"{root}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def contents(place: str | Path) -> dict[str, bytes]:
    """Return what lies in a folder or at a URL, by name."""
    if not isinstance(place, str):
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    system, root = open_system(place)
    return {str(path).removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}


def digests(place: str | Path) -> dict[str, str]:
    """Return the checksum of every file in a folder or at a URL, by name, but of those that tell of runs."""
    return {
        name: hashlib.sha256(data).hexdigest() for name, data in contents(place).items() if not name.startswith(TOLD)
    }


class Bucket:
    """A bucket of a store that speaks the protocol of S3 and asks nobody who he is."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.name = name
        self._home = f"{endpoint}/{name}"
        self._ask("PUT", "")

    def put(self, name: str, data: bytes) -> None:
        """Write a file."""
        self._ask("PUT", f"/{name}", data)

    def digests(self, folder: str) -> dict[str, str]:
        """Return the checksum of every file in a folder, by name, but of those that tell of runs."""
        listing = ET.fromstring(self._ask("GET", f"?list-type=2&prefix={folder}/"))  # noqa: S314 # our own server's
        names = [str(key.text) for key in listing.iter("{http://s3.amazonaws.com/doc/2006-03-01/}Key")]
        return {
            own: hashlib.sha256(self._ask("GET", f"/{name}")).hexdigest()
            for name in names
            if not (own := name.removeprefix(f"{folder}/")).startswith(TOLD)
        }

    def _ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        headers = {"Authorization": "AWS anyone:unsigned", "Content-Type": "application/octet-stream"}
        request = urllib.request.Request(self._home + path, data, headers, method=method)  # noqa: S310 # http
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 # likewise
            body: bytes = answer.read()
            return body


class Proxy:
    """Stands before a store and, where a rule says so, answers 503, or cuts the connection, in turns."""

    def __init__(self, endpoint: str) -> None:
        self.upstream = endpoint.removeprefix("http://")
        self.rule: Callable[[str, str], bool] = lambda _method, _path: False
        self.spoiled = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[Proxy]:
        """Serve until the block ends."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:  # noqa: N805 # the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if proxy.rule(self.command, self.path):
                    proxy.spoiled += 1
                    self.spoil(cut=proxy.spoiled % 2 == 0)
                    return
                upstream = http.client.HTTPConnection(proxy.upstream, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
                upstream.request(self.command, self.path, body or None, headers)
                answer = upstream.getresponse()
                data = answer.read()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
                upstream.close()

            def spoil(self, *, cut: bool) -> None:
                self.close_connection = True
                if cut:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response_only(503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward  # noqa: N815 # names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
