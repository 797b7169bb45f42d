import logging

import pytest

from cccc_tui.config.schema import Logging
from cccc_tui.engine.book import Ledger
from cccc_tui.routing.select import Candidate, LeftOut, Route
from cccc_tui.traffic.exchange import Attempt
from cccc_tui.traffic.rates import Rates
from cccc_tui.traffic.ring import Ring


class Booked:
    """Stands in for the usage book: remembers what it was told."""

    def __init__(self) -> None:
        self.rows = []

    def book(self, day, endpoint, model, client, usage, cost=None, ok=True):
        self.rows.append((endpoint, model, client, usage.total, ok))


@pytest.fixture
def clock():
    return [1_000.0]


@pytest.fixture
def ledger(clock):
    return Ledger(Ring(), Rates(lambda: clock[0]), Booked(), clock=lambda: clock[0])


async def opened(ledger, path="/v1/messages"):
    return ledger.open("POST", path, ())


async def test_an_exchange_is_numbered_kept_and_counted_while_it_runs(ledger):
    first, second = await opened(ledger), await opened(ledger)
    assert (first.id, second.id, ledger.in_flight) == (1, 2, 2)
    assert ledger.rates.total("requests", 60) == 2
    ledger.close(first, "id", "done", "", Logging())
    assert ledger.in_flight == 1
    assert first.is_over


async def test_an_attempt_counts_for_its_endpoint(ledger, clock):
    exchange = await opened(ledger)
    attempt = Attempt(endpoint="one", url="", format="chat", model="m")
    ledger.begin_attempt(exchange, "id", attempt)
    assert ledger.tally("id").in_flight == 1
    clock[0] += 2
    attempt.first_content_s = 0.5
    ledger.end_attempt(exchange, "id", attempt)
    tally = ledger.tally("id")
    assert (tally.in_flight, tally.requests, tally.failures) == (0, 1, 0)
    assert tally.median_first_content_ms == 500
    assert attempt.ended_s == 2


async def test_tokens_are_booked_under_the_model_that_was_really_asked(ledger):
    exchange = await opened(ledger)
    exchange.model = "big"
    ledger.begin_attempt(exchange, "id", Attempt(endpoint="one", url="", format="chat", model="small"))
    exchange.usage.input_tokens, exchange.usage.output_tokens = 10, 5
    ledger.close(exchange, "id", "done", "", Logging())
    assert ledger._usage.rows == [("one", "small", "other", 15, True)]
    assert ledger.tally("id").usage.total == 15
    assert ledger.rates.total("tokens", 60) == 15


async def test_a_failure_is_an_error_and_a_client_that_left_is_none(ledger):
    ledger.close(await opened(ledger), "id", "failed", "broke", Logging())
    ledger.close(await opened(ledger), "id", "cancelled", "left", Logging())
    assert ledger.rates.total("errors", 300) == 1


async def test_the_route_is_kept_with_places_and_reasons(ledger):
    exchange = await opened(ledger)
    route = Route((Candidate("i", "one", "chat", "priority 1"),), (LeftOut("two", "disabled"),))
    ledger.routed(exchange, route)
    assert [(step.endpoint, step.place, step.reason) for step in exchange.route] == [
        ("one", 1, "priority 1"),
        ("two", None, "disabled"),
    ]


@pytest.mark.parametrize(
    ("wanted", "state", "lines"),
    [
        ("all", "done", 1),
        ("failed", "done", 0),
        ("failed", "failed", 1),
        ("success", "failed", 0),
        ("success", "done", 1),
    ],
)
async def test_the_log_has_the_lines_that_the_configuration_wants(ledger, caplog, wanted, state, lines):
    with caplog.at_level(logging.INFO):
        ledger.close(await opened(ledger), "id", state, "", Logging(log_request_types=wanted))
    assert len(caplog.records) == lines


async def test_excluded_paths_are_not_logged(ledger, caplog):
    with caplog.at_level(logging.INFO):
        exchange = await opened(ledger, "/v1/messages/count_tokens?beta=true")
        ledger.close(exchange, "id", "done", "", Logging())
    assert caplog.records == []
