"""Run code that may do anything: within a time, and without a trace in the random numbers."""

import contextlib
import ctypes
import io
import random
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import numpy as np
import torch

_AGAIN = 0.1  # seconds between reminders, for code that swallows the first


class TimeIsUp(BaseException):
    """The time limit has passed. Not an `Exception`, so that "except Exception" lets it through."""


def time_limit(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Raise `TimeIsUp` inside the block if it runs for longer.

    On the main thread of Unix a timer signal does it, which ends a sleep too; elsewhere another
    thread raises it between two instructions of Python.
    """
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return _by_signal(seconds)
    return _by_thread(seconds)


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    target, done = threading.get_ident(), threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
            raise_in(ctypes.c_ulong(target), ctypes.py_object(TimeIsUp))
            wait = _AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Whatever the block draws or seeds, the random numbers after it are those without it."""
    of_python, of_numpy = random.getstate(), np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            random.setstate(of_python)
            np.random.set_state(of_numpy)


@contextlib.contextmanager
def prints_kept() -> Iterator[io.StringIO]:
    """Collect what the block prints."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        yield text
