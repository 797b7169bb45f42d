from __future__ import annotations

from cccc_tui.state.bindings import BindingRecord, BindingStore
from cccc_tui.state.database import Database


def record(session: str, used_at: float, endpoint_id: str = "a") -> BindingRecord:
    return BindingRecord(session, "pool", endpoint_id, "k1", used_at)


async def test_the_last_place_of_each_conversation_comes_back_the_most_silent_first(
    database: Database,
) -> None:
    store = BindingStore(database)
    for each in (record("s", 1.0), record("t", 2.0), record("s", 3.0, "b")):
        store.save(each)
    await database.flush()
    assert await store.load(10) == [record("t", 2.0), record("s", 3.0, "b")]


async def test_what_is_more_than_is_kept_is_forgotten_for_good(database: Database) -> None:
    store = BindingStore(database)
    for number in range(5):
        store.save(record(str(number), float(number)))
    await database.flush()
    assert [each.session for each in await store.load(2)] == ["3", "4"]
    await database.flush()
    assert [each.session for each in await store.load(10)] == ["3", "4"]
