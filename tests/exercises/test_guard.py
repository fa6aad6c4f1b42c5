"""Time limits, on the main thread and on another."""

import contextlib
import threading
import time

import pytest

from course_lib.classroom.exercises.guard import TimeIsUp, time_limit


def test_a_sleep_is_stopped_on_the_main_thread():
    started = time.monotonic()
    with pytest.raises(TimeIsUp), time_limit(0.1):
        time.sleep(60)
    assert time.monotonic() - started < 30


def test_a_loop_is_stopped_on_another_thread():
    seen = []

    def work():
        try:
            with time_limit(0.1):
                while True:
                    with contextlib.suppress(Exception):
                        sum(range(100))
        except TimeIsUp:
            seen.append("stopped")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert seen == ["stopped"]


def test_quick_code_is_left_alone():
    with time_limit(0.2):
        pass
    time.sleep(0.4)  # a timer that was left behind would go off now
