"""Notices: bounded, numbered, safe from threads."""

import logging
import threading

import pytest

from cccc_tui.traffic.notices import NoticeHandler, Notices


def test_the_oldest_go_and_the_numbers_go_on():
    notices = Notices(max_count=2)
    for number in range(3):
        notices.add(float(number), "info", "test", f"text {number}")
    assert [notice.text for notice in notices] == ["text 1", "text 2"]
    assert [notice.number for notice in notices] == [2, 3]
    assert (len(notices), notices.revision) == (2, 3)


def test_a_reader_gets_what_came_since():
    notices = Notices()
    notices.add(1.0, "info", "test", "old")
    seen = notices.revision
    assert notices.since(seen) == []
    notices.add(2.0, "error", "test", "new")
    assert [notice.text for notice in notices.since(seen)] == ["new"]


def test_threads_add_while_a_reader_iterates():
    notices = Notices(max_count=50)

    def add_many() -> None:
        for _ in range(2_000):
            notices.add(0.0, "info", "thread", "x")

    threads = [threading.Thread(target=add_many) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len({notice.number for notice in notices}) <= 50
    assert notices.revision == 6_000
    assert [notice.number for notice in notices] == list(range(5_951, 6_001))


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (logging.WARNING, "warning"),
        (logging.CRITICAL, "error"),
    ],
)
def test_log_records_become_notices_with_their_level_and_source(number, level):
    notices = Notices()
    record = logging.LogRecord("cccc_tui.engine.health", number, "f.py", 1, "down: %s", ("a",), None)
    NoticeHandler(notices).handle(record)
    (notice,) = notices
    assert (notice.level, notice.source, notice.text) == (level, "health", "down: a")
