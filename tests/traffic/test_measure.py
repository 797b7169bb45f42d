"""The numbers of an exchange: right when known, None when not."""

import pytest

from cccc_tui.traffic import measure
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.wire.model import Usage


def exchange(**fields) -> Exchange:
    return Exchange(**({"id": 1, "began_at": 100.0, "method": "POST", "path": "/"} | fields))


def test_what_is_not_known_is_none_and_never_zero():
    fresh = exchange()
    unknown = {name for name, read in measure.NUMBERS.items() if read(fresh) is None}
    assert unknown == set(measure.NUMBERS) - {"attempts", "id"}


def test_the_prompt_counts_its_cached_parts():
    usage = Usage(input_tokens=10, cache_read_tokens=200, cache_write_tokens=30, output_tokens=5)
    counted = exchange(usage=usage)
    assert measure.tokens_in(counted) == 240
    assert measure.tokens_out(counted) == 5
    assert measure.tokens_total(counted) == 245
    assert measure.tokens_cached(counted) == 200


def test_a_prompt_without_a_cache_hit_has_a_known_zero():
    assert measure.tokens_cached(exchange(usage=Usage(input_tokens=10))) == 0


@pytest.mark.parametrize(("first", "ended", "speed"), [(1.0, 3.0, 50.0), (3.0, 3.0, None), (None, 3.0, None)])
def test_speed_is_counted_from_the_first_content(first, ended, speed):
    counted = exchange(first_content_s=first, ended_s=ended, usage=Usage(output_tokens=100))
    assert measure.tokens_per_s(counted) == speed


def test_a_running_request_has_an_elapsed_time_but_no_duration():
    running = exchange()
    assert measure.elapsed_s(running, now=104.5) == 4.5
    assert measure.duration_s(running) is None
    assert measure.elapsed_s(exchange(ended_s=2.0), now=500.0) == 2.0


def test_the_upstream_model_is_named_only_when_it_differs():
    same = exchange(model="m", attempts=[Attempt(endpoint="a", url="u", format="chat", model="m")])
    other = exchange(model="m", attempts=[Attempt(endpoint="a", url="u", format="chat", model="n")])
    assert measure.upstream_model(same) == ""
    assert measure.upstream_model(other) == "n"
    assert measure.upstream_model(exchange()) == ""
