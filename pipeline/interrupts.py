"""Hears an interrupt (Ctrl-C) and the order to end even where their exception was swallowed."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """The order to end (SIGTERM), as a scheduler sends it before it takes the machine away."""


@contextmanager
def heard() -> Iterator[Callable[[], None]]:
    """Yield a check that raises `KeyboardInterrupt`, or `Terminated`, if its signal has come since.

    Python raises it wherever the interpreter happens to be; in a finalizer or a callback of a
    library it is told and forgotten, and the work would go on to its end.
    """
    came: list[type[KeyboardInterrupt]] = []

    def check() -> None:
        if came:
            raise came[0]

    def note(number: int, _frame: object) -> None:
        came.append(Terminated if number == signal.SIGTERM else KeyboardInterrupt)
        raise came[-1]

    if threading.current_thread() is not threading.main_thread():  # only this one is told of signals
        yield check
        return
    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
