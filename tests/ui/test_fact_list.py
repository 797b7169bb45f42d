"""Reading the facts seldom, and choosing among them."""

from __future__ import annotations

import pytest

from cccc_tui.ui.fact_list import SORTS, FactWatch, Place, chosen, has_taught, place_of
from cccc_tui.ui.render.fact_row import COLUMNS
from tests.fakes.control import NOW, FakeControl, exchange
from tests.fakes.scenario import fact, scripted_facts

FACTS = tuple(scripted_facts())


def names(words: str = "", sort: str = "endpoint", descending: bool = False) -> list[str]:
    return [each.name for each in chosen(FACTS, words, sort, descending)]


def test_as_long_as_nothing_is_learned_they_are_read_once(control: FakeControl):
    watch = FactWatch(control)
    assert [watch.look(NOW + second) for second in range(4)] == [True, False, False, False]
    assert control.facts_read == 1


def test_what_is_learned_is_read_a_second_after_the_last_time(control: FakeControl):
    watch = FactWatch(control)
    watch.look(NOW)
    control.teach(fact("lacks:tools", "yes"))
    assert [watch.look(NOW + part) for part in (0.1, 0.9, 1.0)] == [False, False, True]
    assert "lacks:tools" in {each.name for each in watch.facts}


def test_after_a_key_they_are_read_at_once(control: FakeControl):
    watch = FactWatch(control)
    watch.look(NOW)
    control.teach(fact("lacks:tools", "yes"))
    assert watch.look(NOW, at_once=True)


def test_one_that_expires_goes_although_nothing_was_learned(control: FakeControl):
    watch = FactWatch(control)
    watch.look(NOW)
    control.advance(3_001)
    assert watch.look(control.time)
    assert "lacks:images" not in {each.name for each in watch.facts}


def test_a_clock_that_is_set_back_does_not_stop_it(control: FakeControl):
    watch = FactWatch(control)
    watch.look(NOW)
    control.teach(fact("lacks:tools", "yes"))
    assert watch.look(NOW - 3_600)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", 7),
        ("LLAMA", 3),
        ("llama images", 1),
        ("8,192", 1),
        ("param:", 2),
        ("deprecated", 1),
        ("pinned", 1),
        ("relay all", 1),
        ("llama wumpus", 0),
    ],
)
def test_a_filter_finds_facts_that_have_all_its_words_somewhere(words, found):
    assert len(names(words)) == found


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("endpoint", "auth_form"),
        ("model", "auth_form"),
        ("what", "param:max_output_tokens"),
        ("first", "param:temperature"),
        ("last", "param:temperature"),
        ("expires", "lacks:images"),
        ("pinned", "auth_form"),
    ],
)
def test_every_order_begins_with_what_one_looks_for(sort, first):
    assert names(sort=sort)[0] == first
    assert names(sort=sort, descending=True) == names(sort=sort)[::-1]


def test_every_column_has_its_order():
    assert [column.sort for column in COLUMNS] == list(SORTS)


def test_a_fact_is_known_by_its_place():
    assert place_of(fact("lacks:tools", "yes", model="m")) == Place("anthropic-main", "m", "lacks:tools")


@pytest.mark.parametrize(
    ("seen_s", "number", "is_it"),
    [(0.8, 5, True), (6.31, 5, True), (0.8, 6, False), (-100, 5, False), (100, 5, False)],
)
def test_only_the_exchange_that_ran_when_it_was_learned_has_taught_it(seen_s, number, is_it):
    taught = fact("lacks:tools", "yes", exchange_id=5, last_seen=NOW - 200 + seen_s)
    assert has_taught(exchange(number, 200), taught) is is_it
    assert not has_taught(None, taught)
