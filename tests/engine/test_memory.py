import time

import pytest

from cccc_tui.config.schema import Sticky
from cccc_tui.engine.bindings import Bindings
from cccc_tui.engine.health import HealthBook, Place
from cccc_tui.engine.memory import Memory
from cccc_tui.routing.policy import Verdict
from cccc_tui.routing.slots import Bound, Candidate
from cccc_tui.state.database import Database
from cccc_tui.state.health import HealthStore
from cccc_tui.wire.errors import UpstreamError

COUNTS = Verdict(action="next", reason="server error", counts_against=True)
COOLS = Verdict(action="next", reason="rate limit", cool_s=600.0)


async def after_a_restart(folder, happen) -> HealthBook:
    """Lets something happen to endpoint `a`, stops, and starts anew."""
    memory = Memory(folder)
    before = HealthBook(time.time, memory.health_changed)
    await memory.open(before)
    happen(before)
    await memory.close()
    again = Memory(folder)
    after = HealthBook(time.time, again.health_changed)
    await again.open(after)
    await again.close()
    return after


async def test_a_failing_endpoint_is_still_out_after_a_restart(tmp_path):
    def fail_twice(book):
        book.check_interval_s = 600
        book.fail("a", COUNTS, "500")
        book.fail("a", COUNTS, "502 again")

    after = await after_a_restart(tmp_path, fail_twice)
    assert not after.view().endpoints["a"].usable
    assert after.of("a").reason == "502 again"


async def test_a_cool_down_goes_on_after_a_restart(tmp_path):
    after = await after_a_restart(tmp_path, lambda book: book.fail("a", COOLS, "429"))
    assert after.view().endpoints["a"].back_at == pytest.approx(time.time() + 600, abs=30)


async def test_an_agent_is_told_the_same_after_a_restart(tmp_path):
    refused = UpstreamError(status=403, error_class="permission", message="not for you", code="x")
    after = await after_a_restart(tmp_path, lambda book: book.fail("a", COOLS, "not for you", error=refused))
    assert after.of("a").error == UpstreamError.of("permission", "not for you")


async def test_a_trial_that_was_cut_short_is_open_to_the_next_request(tmp_path):
    def cut_trial(book):
        book.check_interval_s = 0
        book.fail("a", COUNTS, "500")
        book.fail("a", COUNTS, "500")
        book.begin("a")

    after = await after_a_restart(tmp_path, cut_trial)
    assert after.view().endpoints.get("a") is None or after.view().endpoints["a"].usable


async def test_a_reset_is_remembered_too(tmp_path):
    def fail_and_reset(book):
        book.fail("a", COOLS, "429")
        book.reset("a")

    assert (await after_a_restart(tmp_path, fail_and_reset)).view().endpoints == {}


async def test_a_fact_that_another_process_has_changed_is_taken_up(tmp_path):
    ours, theirs = Memory(tmp_path), Memory(tmp_path)
    for memory in (ours, theirs):
        await memory.open(HealthBook(time.time))
    ours.facts.learn("a", "m", "param:x", "drop", evidence="400")
    await ours.look()
    await theirs.look()
    assert theirs.facts.get("a", "m", "param:x")
    theirs.facts.undo("a", "m", "param:x")
    await theirs.look()
    assert ours.facts.get("a", "m", "param:x")
    await ours.look()
    assert ours.facts.get("a", "m", "param:x") is None
    for memory in (ours, theirs):
        await memory.close()


async def test_what_was_just_learned_is_not_lost_to_another_process(tmp_path):
    ours, theirs = Memory(tmp_path), Memory(tmp_path)
    for memory in (ours, theirs):
        await memory.open(HealthBook(time.time))
    theirs.facts.learn("a", "m", "param:x", "drop", evidence="400")
    await theirs.look()
    revision = ours.facts.revision
    ours.facts.learn("a", "m", "param:y", "drop", evidence="400")
    assert not await ours.facts.reload(revision)
    await ours.look()
    assert {fact.name for fact in ours.facts.list()} == {"param:x", "param:y"}
    for memory in (ours, theirs):
        await memory.close()


async def test_conversations_stay_where_they_are_over_a_restart(tmp_path):
    before, after = Bindings(), Bindings()
    memory = Memory(tmp_path)
    await memory.open(HealthBook(time.time), before)
    for name in ("a", "b"):
        before.bind("session", "pool", Candidate(f"id-{name}", name, "anthropic", "", "k1", "m"))
    await memory.close()
    again = Memory(tmp_path)
    await again.open(HealthBook(time.time), after)
    await again.close()
    assert after.find("session", "pool", Sticky()) == Bound("id-b", "k1")


async def ask_reset(folder, endpoint_id) -> None:
    """As `cccc reset` does, from a process of its own."""
    database = Database(folder / "state.db")
    database.open()
    HealthStore(database).ask_reset(endpoint_id)
    database.close()


def rest(book: HealthBook) -> None:
    parts = (("credential", "k1"), ("model", ""), ("model_of_key", "k1"))
    for endpoint_id in ("a", "b"):
        book.fail(endpoint_id, COOLS, "429")
        for scope, key_id in parts:
            verdict = Verdict(action="next", reason="no", cool_s=600.0, cool_scope=scope)
            book.fail(endpoint_id, verdict, "no", key_id=key_id, model="vendor/m")


async def test_a_reset_from_outside_is_taken_up_by_a_running_cccc(tmp_path):
    memory = Memory(tmp_path)
    book = HealthBook(time.time, memory.health_changed)
    await memory.open(book)
    rest(book)
    await memory.look()
    await ask_reset(tmp_path, "a")
    await memory.look()
    assert not book.of("a").is_out(time.time())
    assert book.cooling("a") == {}
    assert book.of("b").is_out(time.time())
    assert set(book.cooling("b")) == {
        Place("b", "k1"),
        Place("b", "", "vendor/m"),
        Place("b", "k1", "vendor/m"),
    }
    await memory.close()


async def test_a_reset_while_nothing_runs_holds_for_the_next_start(tmp_path):
    memory = Memory(tmp_path)
    book = HealthBook(time.time, memory.health_changed)
    await memory.open(book)
    rest(book)
    await memory.close()
    await ask_reset(tmp_path, "a")
    for _start in range(2):
        again = Memory(tmp_path)
        after = HealthBook(time.time, again.health_changed)
        await again.open(after)
        assert not after.of("a").is_out(time.time())
        assert after.cooling("a") == {}
        assert len(after.cooling("b")) == 3
        await again.close()
