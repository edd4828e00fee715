"""Hears an interrupt (Ctrl-C) even where its exception was swallowed."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def heard() -> Iterator[Callable[[], None]]:
    """Yield a check that raises `KeyboardInterrupt` if an interrupt has come since.

    Python raises it wherever the interpreter happens to be; in a finalizer or a callback of a
    library it is told and forgotten, and the work would go on to its end.
    """
    came = threading.Event()

    def check() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    def note(_number: int, _frame: object) -> None:
        came.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only this one is told of signals
        yield check
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
