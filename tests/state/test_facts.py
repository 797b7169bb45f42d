from __future__ import annotations

import pytest

from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore, FactValue


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def reloaded(database: Database, clock: Clock) -> FactStore:
    await database.flush()
    store = FactStore(database, clock)
    await store.load()
    return store


def learn(store: FactStore, value: FactValue = "no", **given: object) -> None:
    store.learn("e", "", "speaks_responses", value, evidence="404 no route", **{"exchange_id": 7, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["no", "1", "true", True, False, 7, 2.5, ""])
async def test_a_fact_survives_a_restart_with_its_evidence_and_its_type(
    database: Database, value: FactValue
) -> None:
    learn(FactStore(database, Clock()), value, ttl_s=50.0)
    fact = (await reloaded(database, Clock())).get("e", "", "speaks_responses")
    assert fact is not None
    assert (fact.value, type(fact.value)) == (value, type(value))
    assert (fact.evidence, fact.exchange_id) == ("404 no route", 7)
    assert (fact.first_seen, fact.last_seen, fact.expires_at, fact.pinned) == (
        1_000.0,
        1_000.0,
        1_050.0,
        False,
    )


async def test_a_fact_expires(database: Database) -> None:
    clock = Clock()
    store = FactStore(database, clock)
    learn(store, ttl_s=50.0)
    clock.now = 1_050.0
    assert store.get("e", "", "speaks_responses") is None
    assert store.list() == ()
    assert (await reloaded(database, clock)).list() == ()
    await database.flush()
    assert await database.read("SELECT * FROM facts") == []


async def test_a_fact_without_a_term_holds_for_good(database: Database) -> None:
    clock = Clock()
    store = FactStore(database, clock)
    learn(store)
    clock.now = 10.0**12
    assert store.get("e", "", "speaks_responses") is not None


async def test_what_is_confirmed_keeps_its_first_sight_and_what_changes_begins_anew(
    database: Database,
) -> None:
    clock = Clock()
    store = FactStore(database, clock)
    learn(store)
    clock.now = 1_010.0
    learn(store)
    (fact,) = store.list()
    assert (fact.first_seen, fact.last_seen) == (1_000.0, 1_010.0)
    learn(store, "yes")
    (fact,) = store.list()
    assert (fact.value, fact.first_seen) == ("yes", 1_010.0)


async def test_a_model_has_its_own_facts_before_those_of_the_endpoint(database: Database) -> None:
    store = FactStore(database, Clock())
    store.learn("e", "", "x", 1, evidence="")
    store.learn("e", "m", "x", 2, evidence="")
    found = [store.get("e", model, "x") for model in ("m", "other", "")]
    assert [fact and fact.value for fact in found] == [2, 1, 1]
    assert store.get("other", "", "x") is None


async def test_facts_are_found_by_name_while_they_hold(database: Database) -> None:
    clock = Clock()
    store = FactStore(database, clock)
    store.learn("a", "m", "lacks:tools", "yes", evidence="400", ttl_s=60.0)
    store.learn("b", "", "lacks:tools", "yes", evidence="400")
    store.learn("a", "m", "lacks:images", "yes", evidence="400")
    assert {fact.endpoint_id for fact in store.named("lacks:tools")} == {"a", "b"}
    clock.now += 61
    assert {fact.endpoint_id for fact in store.named("lacks:tools")} == {"b"}
    store.undo("b", "", "lacks:tools")
    assert store.named("lacks:tools") == ()


async def test_undoing_forgets_for_good_and_says_what(database: Database) -> None:
    store = FactStore(database, Clock())
    learn(store)
    undone = store.undo("e", "", "speaks_responses")
    assert undone is not None
    assert undone.value == "no"
    assert store.undo("e", "", "speaks_responses") is None
    assert (await reloaded(database, Clock())).list() == ()


async def test_a_pinned_fact_neither_expires_nor_changes_until_it_is_let_go(database: Database) -> None:
    clock = Clock()
    store = FactStore(database, clock)
    learn(store, ttl_s=10.0)
    store.pin("e", "", "speaks_responses")
    clock.now = 5_000.0
    learn(store, "yes")
    store = await reloaded(database, clock)
    fact = store.get("e", "", "speaks_responses")
    assert fact is not None
    assert fact.value == "no"
    store.pin("e", "", "speaks_responses", pinned=False)
    assert store.get("e", "", "speaks_responses") is None
    assert store.pin("e", "", "unheard_of") is None


async def test_facts_are_listed_in_order_of_all_or_of_one_endpoint(database: Database) -> None:
    store = FactStore(database, Clock())
    for endpoint in ("b", "a"):
        store.learn(endpoint, "", "x", True, evidence="")
    assert [fact.endpoint_id for fact in store.list()] == ["a", "b"]
    assert [fact.endpoint_id for fact in store.list("b")] == ["b"]
