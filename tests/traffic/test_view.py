"""The view against a naive recomputation, and how its selection behaves."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.query import Query, compile_query
from cccc_tui.traffic.ring import Ring
from cccc_tui.traffic.view import SORTS, View
from cccc_tui.wire.model import Usage


def exchange(number: int, **fields) -> Exchange:
    plain = {"id": number, "began_at": 1_000.0 + number, "method": "POST", "path": "/v1/messages"}
    return Exchange(**(plain | fields))


def ring_of(count: int, **limits) -> Ring:
    ring = Ring(**limits)
    for number in range(1, count + 1):
        ring.add(exchange(number))
    return ring


def view_of(ring: Ring) -> View:
    view = View(ring, "test")
    view.pull()
    return view


def query(text: str) -> Query:
    compiled = compile_query(text)
    assert isinstance(compiled, Query)
    return compiled


def naive_order(ring: Ring, view: View) -> list[int]:
    """What the view must show, worked out from nothing."""
    rows = [each for each in ring if view.query.matches(each)]
    read = SORTS[view.sort]
    known = sorted((each for each in rows if read(each) is not None), key=lambda each: (read(each), each.id))
    unknown = sorted((each for each in rows if read(each) is None), key=lambda each: each.id)
    if view.descending:
        known.reverse()
        unknown.reverse()
    return [each.id for each in (*known, *unknown)]


@dataclass
class World:
    ring: Ring = field(default_factory=lambda: Ring(max_count=8))
    view: View = field(init=False)

    def __post_init__(self):
        self.view = View(self.ring, "test")

    def act(self, kind: str, number: int) -> None:
        match kind:
            case "add":
                self.ring.add(exchange(self.ring.next_id, client="ab"[number % 2], status=200))
            case "end":
                if found := self.ring.get(number):
                    found.state, found.ended_s = "done", float(number * 7 % 5)
                    self.ring.settle(found)
            case "grow":
                if found := self.ring.get(number):
                    found.usage = Usage(output_tokens=number * 3 % 7)
                    found.client = "ba"[number % 2]
                    self.ring.touch(number)
            case "clear":
                self.ring.clear()
            case "sort":
                self.view.set_sort(list(SORTS)[number % len(SORTS)], descending=bool(number % 2))
            case "query":
                self.view.set_query(query(["", "client:a", "!client:a", "out>2", "time>1s"][number % 5]))
            case "select":
                self.view.select(number)
            case "follow":
                self.view.follow_newest(bool(number % 2))
            case "pull":
                self.view.pull()


ACTS = st.tuples(
    st.sampled_from(["add", "add", "end", "grow", "clear", "sort", "query", "select", "follow", "pull"]),
    st.integers(0, 20),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ACTS, max_size=60))
def test_whatever_happens_the_view_shows_what_a_naive_recomputation_shows(acts):
    world = World()
    for act in acts:
        world.act(*act)
    world.view.pull()
    expected = naive_order(world.ring, world.view)
    assert list(world.view) == expected
    assert [world.view.row(index).id for index in range(len(world.view))] == expected
    assert [world.view.index_of(each) for each in expected] == list(range(len(expected)))


@settings(deadline=None, max_examples=60)
@given(st.lists(ACTS, max_size=60))
def test_a_selection_stays_on_its_row_and_moves_to_the_nearest_when_that_goes(acts):
    world = World()
    for act in acts:
        before = list(world.view)
        selected, follow = world.view.selected, world.view.follow
        world.act(*act)
        if act[0] in ("select", "follow"):
            continue
        after = list(world.view)
        expected = _nearest(before, after, selected.id if selected else None)
        if follow or expected is None:
            expected = max(after, default=None)
        if act[0] in ("pull", "query", "sort"):
            assert (world.view.selected.id if world.view.selected else None) == expected


def _nearest(before: list[int], after: list[int], selected: int | None) -> int | None:
    if selected is None:
        return None
    place = before.index(selected)
    return next((each for each in (*before[place:], *reversed(before[:place])) if each in after), None)


def test_following_selects_the_newest_row_as_it_comes():
    ring = ring_of(3)
    view = view_of(ring)
    ring.add(exchange(4))
    view.pull()
    assert view.selected.id == 4
    assert view.new_count == 0


def test_selecting_an_older_row_stops_following_and_counts_what_comes_after():
    ring = ring_of(3)
    view = view_of(ring)
    view.select(0)
    ring.add(exchange(4))
    ring.add(exchange(5))
    view.pull()
    assert (view.selected.id, view.follow, view.new_count) == (1, False, 2)
    view.follow_newest()
    assert (view.selected.id, view.follow, view.new_count) == (5, True, 0)


def test_selecting_the_newest_row_keeps_following():
    view = view_of(ring_of(3))
    view.select(99)
    assert view.follow


def test_an_evicted_selection_goes_to_the_next_row():
    ring = Ring(max_count=3)
    for number in (1, 2, 3):
        ring.add(exchange(number, state="done"))
    view = view_of(ring)
    view.select(0)
    ring.add(exchange(4, state="done"))
    ring.settle(ring.get(4))
    view.pull()
    assert (view.selected.id, list(view)) == (2, [2, 3, 4])


def test_a_paused_view_stands_still_and_catches_up_afterwards():
    ring = ring_of(2)
    view = view_of(ring)
    view.paused = True
    ring.add(exchange(3))
    assert not view.pull().ids
    assert list(view) == [1, 2]
    view.paused = False
    assert view.pull().ids == {3}
    assert list(view) == [1, 2, 3]


def test_a_row_evicted_while_paused_can_still_be_shown():
    ring = ring_of(2)
    view = view_of(ring)
    view.paused = True
    for each in ring:
        each.state = "done"
    ring.clear()
    view.pull()
    assert view.row(0).id == 1


def test_an_unchanged_order_is_told_apart_from_a_changed_one():
    ring = ring_of(3)
    view = view_of(ring)
    ring.touch(2)
    assert view.pull() == (frozenset({2}), False)
    ring.add(exchange(4))
    assert view.pull() == (frozenset({4}), True)
    assert view.pull() == (frozenset(), False)


@pytest.mark.parametrize("descending", [False, True])
def test_unknown_values_stand_last_in_either_direction(descending):
    ring = Ring()
    for number, ended_s in ((1, None), (2, 3.0), (3, 1.0)):
        ring.add(exchange(number, ended_s=ended_s))
    view = view_of(ring)
    view.set_sort("time", descending)
    assert list(view)[-1] == 1


def test_it_says_how_many_of_how_many():
    ring = ring_of(5)
    view = view_of(ring)
    view.set_query(query("id>3"))
    assert (len(view), view.total) == (2, 5)


def test_a_closed_view_leaves_no_reader_behind():
    ring = ring_of(1)
    view = view_of(ring)
    view.close()
    ring.add(exchange(2))
    assert ring.take_dirty("test") == {1, 2}  # a new reader gets all
