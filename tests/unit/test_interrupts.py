from __future__ import annotations

import signal
import threading

import pytest

from pipeline.interrupts import SIGNALS, Terminated, heard


def test_an_interrupt_that_a_library_swallowed_is_raised_at_the_next_check() -> None:
    with heard() as check:
        check()
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            swallowed = True

        with pytest.raises(KeyboardInterrupt):
            check()

    assert swallowed


def test_interrupts_mean_afterwards_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with heard():
        pass

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_an_order_to_end_is_told_from_an_interrupt() -> None:
    with heard() as check:
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)

        with pytest.raises(Terminated):
            check()


def test_another_thread_may_ask_too() -> None:
    asked: list[bool] = []

    def ask() -> None:
        with heard() as check:
            check()
            asked.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert asked == [True]
