from __future__ import annotations

import time
from pathlib import Path

from cccc_tui.state.database import Database
from cccc_tui.state.usage import UsageBook, day_of
from cccc_tui.wire.model import Usage

NOON = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))
DAY = "2026-11-20"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def usage(tokens: int) -> Usage:
    return Usage(tokens, tokens * 2, tokens * 3, tokens * 4, tokens)


async def test_today_is_the_sum_of_todays_bookings(database: Database) -> None:
    book = UsageBook(database, Clock())
    book.book(DAY, "a", "m", "codex", usage(1), ok=True)
    book.book(DAY, "b", "m", "codex", usage(10), ok=False)
    assert book.today() == usage(11)


async def test_what_is_handed_out_does_not_change_any_more(database: Database) -> None:
    book = UsageBook(database, Clock())
    book.book(DAY, "a", "m", "codex", usage(1), ok=True)
    before = book.today()
    book.book(DAY, "a", "m", "codex", usage(1), ok=True)
    assert before == usage(1)


async def test_a_restart_forgets_nothing(database: Database, tmp_path: Path) -> None:
    UsageBook(database, Clock()).book(DAY, "a", "m", "codex", usage(5), ok=True)
    database.close()
    again = Database(tmp_path / "state" / "state.db")
    again.open()
    book = UsageBook(again, Clock())
    await book.load()
    book.book(DAY, "a", "m", "codex", usage(1), ok=True)
    await again.flush()
    assert book.today() == usage(6)
    (total,) = await book.totals("day")
    assert (total.of, total.requests, total.usage) == (DAY, 2, usage(6))
    again.close()


async def test_midnight_begins_a_new_day_and_late_bookings_go_to_the_old_one(database: Database) -> None:
    clock = Clock()
    book = UsageBook(database, clock)
    book.book(DAY, "a", "m", "codex", usage(5), ok=True)
    clock.now += 86_400
    assert book.today() == Usage()
    book.book(DAY, "a", "m", "codex", usage(2), ok=True)
    book.book(day_of(clock.now), "a", "m", "codex", usage(1), ok=True)
    assert book.today() == usage(1)
    await database.flush()
    assert [(total.of, total.usage) for total in await book.totals("day")] == [
        (DAY, usage(7)),
        ("2026-11-21", usage(1)),
    ]


async def test_totals_are_readable_by_each_column_and_span(database: Database) -> None:
    book = UsageBook(database, Clock())
    book.book("2026-11-18", "a", "m1", "codex", usage(1), cost=0.5, ok=True)
    book.book("2026-11-19", "b", "m1", "claude-code", usage(2), cost=0.25, ok=False)
    book.book("2026-11-20", "b", "m2", "codex", usage(4), ok=True)
    await database.flush()
    by_endpoint = await book.totals("endpoint")
    assert [(total.of, total.requests, total.failures) for total in by_endpoint] == [("a", 1, 0), ("b", 2, 1)]
    assert [total.usage for total in await book.totals("model")] == [usage(3), usage(4)]
    assert [(total.of, total.cost_usd, total.unpriced) for total in await book.totals("client")] == [
        ("claude-code", 0.25, 0),
        ("codex", 0.5, 1),
    ]
    assert [total.of for total in await book.totals("day", since="2026-11-19", until="2026-11-19")] == [
        "2026-11-19"
    ]
