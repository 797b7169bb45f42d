"""Blocking calls beside the loop."""

import threading

import pytest

from cccc_tui.ui.background import in_background


async def test_the_answer_and_the_error_of_a_call_come_back():
    assert await in_background(lambda: threading.current_thread().daemon, 30) is True
    with pytest.raises(ZeroDivisionError):
        await in_background(lambda: 1 / 0, 30)


async def test_a_call_that_hangs_is_given_up():
    hanging = threading.Event()
    with pytest.raises(TimeoutError):
        await in_background(hanging.wait, 0.01)
    hanging.set()
