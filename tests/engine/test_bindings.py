import pytest

from cccc_tui.config.schema import Sticky
from cccc_tui.engine import bindings
from cccc_tui.engine.bindings import Bindings
from cccc_tui.routing.slots import Bound, Candidate

HERE = Candidate("id-a", "a", "anthropic", "", "k1", "m")
THERE = Candidate("id-b", "b", "anthropic", "", "k2", "m")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Bindings:
    return Bindings(clock)


def test_a_conversation_is_bound_where_it_was_answered_and_moves_with_a_failover(book: Bindings) -> None:
    assert book.find("s", "pool", Sticky()) is None
    book.bind("s", "pool", HERE)
    assert book.find("s", "pool", Sticky()) == Bound("id-a", "k1")
    book.bind("s", "pool", THERE)
    assert book.find("s", "pool", Sticky()) == Bound("id-b", "k2")


def test_what_a_rule_sends_elsewhere_has_a_place_of_its_own(book: Bindings) -> None:
    book.bind("s", "pool", HERE)
    assert book.find("s", "group", Sticky()) is None


def test_every_answer_begins_the_time_anew_and_a_silent_conversation_is_forgotten(
    book: Bindings, clock: Clock
) -> None:
    settings = Sticky(ttl=100.0, failback="stay")
    for _ in range(3):
        book.bind("s", "pool", HERE)
        clock.now += 90
        assert book.find("s", "pool", settings)
    clock.now += 20
    assert book.find("s", "pool", settings) is None
    assert len(book) == 0


@pytest.mark.parametrize(
    ("failback", "soon", "later"),
    [("stay", False, False), ("return-when-idle", False, True), ("return-now", True, True)],
)
def test_a_conversation_goes_back_when_the_settings_say_so(
    book: Bindings, clock: Clock, failback, soon: bool, later: bool
) -> None:
    book.bind("s", "pool", HERE)
    for wait, may_return in ((10, soon), (300, later)):
        clock.now += wait
        found = book.find("s", "pool", Sticky(failback=failback, idle=300.0))
        assert found is not None and found.may_return is may_return


def test_a_nameless_request_and_switched_off_stickiness_bind_nothing(book: Bindings) -> None:
    book.bind("", "pool", HERE)
    assert len(book) == 0
    book.bind("s", "pool", HERE)
    assert book.find("s", "pool", Sticky(enabled=False)) is None


def test_only_so_many_are_kept_and_the_most_silent_goes_first(book: Bindings, monkeypatch) -> None:
    monkeypatch.setattr(bindings, "MAX_BINDINGS", 3)
    for name in "abc":
        book.bind(name, "pool", HERE)
    book.bind("a", "pool", HERE)
    book.bind("d", "pool", HERE)
    assert [name for name in "abcd" if book.find(name, "pool", Sticky())] == ["a", "c", "d"]


def test_a_conversation_that_goes_on_in_its_place_is_said_once_a_minute(book: Bindings, clock: Clock) -> None:
    said = []
    book.on_change = said.append
    for _ in range(10):
        book.bind("s", "pool", HERE)
        clock.now += 20
    assert [record.used_at for record in said] == [1000.0, 1060.0, 1120.0, 1180.0]
    book.bind("s", "pool", THERE)
    assert said[-1].endpoint_id == "id-b"
