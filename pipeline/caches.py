"""Where this user keeps what can be made again: converted models, and folders in which corpora at URLs are made."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from shutil import rmtree

from pipeline.processes import is_gone, machine


def cache_folder() -> Path:
    """Return where it is: `NEWSBITEXT_CACHE`, else `newsbitext` in the user's cache."""
    own = os.environ.get("NEWSBITEXT_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(own) if own else Path(shared) / "newsbitext"


def corpus_cache(url: str) -> Path:
    """Return the folder for what runs of this user need of a corpus at a URL; its memory stands beside it."""
    plain = url.rstrip("/")
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain)[-40:].strip("-")
    return cache_folder() / "corpora" / f"{words}-{_hash(plain)}"


def staging_folder(url: str) -> Path:
    """Return the folder in which this process makes its share of a corpus at a URL: nobody else writes there."""
    return corpus_cache(url) / f"run-{_hash(machine())}-{os.getpid()}"


def sweep(url: str) -> None:
    """Remove the folders of processes of this machine that have ended."""
    for folder in corpus_cache(url).glob(f"run-{_hash(machine())}-*"):
        if is_gone(int(folder.name.rpartition("-")[2])):
            rmtree(folder, ignore_errors=True)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
