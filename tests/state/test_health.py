from __future__ import annotations

from cccc_tui.state.database import Database
from cccc_tui.state.health import HealthRecord, HealthStore

NOW = 1_000.0


def record(endpoint_id: str, back_at: float | None, state: str = "failing") -> HealthRecord:
    return HealthRecord(
        endpoint_id=endpoint_id,
        state=state,
        since=900.0,
        back_at=back_at,
        consecutive_failures=3,
        reason="503",
    )


async def test_the_last_record_of_each_endpoint_comes_back(database: Database) -> None:
    store = HealthStore(database)
    store.save(record("a", 2_000.0, "cooling"))
    store.save(record("a", 3_000.0))
    store.save(record("b", None))
    await database.flush()
    assert await HealthStore(database).load(NOW) == {"a": record("a", 3_000.0), "b": record("b", None)}


async def test_a_record_whose_time_has_passed_is_usable_again(database: Database) -> None:
    store = HealthStore(database)
    store.save(record("a", NOW))
    await database.flush()
    assert await store.load(NOW) == {"a": HealthRecord(endpoint_id="a", state="untried", since=NOW)}


async def test_a_forgotten_endpoint_has_no_record(database: Database) -> None:
    store = HealthStore(database)
    store.save(record("a", None))
    store.forget("a")
    await database.flush()
    assert await store.load(NOW) == {}
