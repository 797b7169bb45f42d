"""Graphs: right at the ends, right in every style."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.ui.render.graph import buckets, graph_rows


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 99), max_size=90),
    st.integers(1, 40),
    st.integers(1, 4),
    st.sampled_from(["braille", "block", "ascii"]),
)
def test_a_graph_has_exactly_its_size(values, width, height, style):
    rows = graph_rows(values, width, height, style)
    assert [len(row) for row in rows] == [width] * height


def test_the_highest_value_is_full_height_and_nothing_is_empty():
    assert graph_rows([0, 8, 4], 3, 1, "block") == [" █▄"]
    assert graph_rows([0, 1], 2, 2, "ascii") == [" @", " @"]
    assert graph_rows([0, 0, 1, 1], 2, 1) == ["⠀⣿"]


def test_a_small_value_is_still_seen():
    assert graph_rows([1, 10_000], 2, 1, "block") == ["▁█"]


def test_a_given_top_is_the_full_height():
    assert graph_rows([4], 1, 1, "block", top=8) == ["▄"]


@pytest.mark.parametrize("size", [(0, 1), (3, 0)])
def test_no_room_draws_nothing(size):
    assert "".join(graph_rows([1, 2], *size)) == ""


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=100), st.integers(1, 30))
def test_buckets_are_of_equal_length_and_end_with_the_newest(values, number):
    parts = buckets(values, number)
    assert len(parts) == number
    size = max(1, len(values) // number)
    assert parts[-1] == sum(values[-size:])
