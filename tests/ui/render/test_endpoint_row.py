"""The row and the details of an endpoint."""

import msgspec

from cccc_tui.engine.control import EndpointStatus, KeyStatus, ModelStatus, TestResult
from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.endpoint_row import (
    COLUMNS,
    back_in,
    detail_lines,
    endpoint_cells,
    result_lines,
    spinner_line,
)
from cccc_tui.ui.render.glyphs import ASCII, UNICODE
from tests.fakes.control import NOW, scripted_endpoints

BY_NAME = {each.name: each for each in scripted_endpoints()}


def cells(name: str) -> dict[str, str]:
    placed = place(COLUMNS, 200)
    return {
        each.column.id: plain(line)
        for each, line in zip(placed, endpoint_cells(BY_NAME[name], 3, placed, NOW, UNICODE), strict=True)
    }


def told(endpoint: EndpointStatus) -> str:
    return "\n".join(plain(line) for line in detail_lines(endpoint, NOW, UNICODE))


def details(name: str) -> str:
    return told(BY_NAME[name])


def test_a_cooling_endpoint_counts_down():
    shown = cells("relay-tokyo")
    assert (shown["order"], shown["health"], shown["failures"]) == ("3", "◔ cooling 42.0s", "11")
    assert back_in(BY_NAME["relay-tokyo"], NOW + 100) == "1.00s"


def test_what_an_untried_endpoint_has_not_shown_is_unknown():
    shown = cells("new-arrival")
    assert (shown["first"], shown["tokens"], shown["used"]) == ("–", "–", "–")


def test_the_details_say_why_and_what_to_expect():
    assert "it asked to wait 90 s" in details("relay-tokyo")
    assert "96 requests · 11 failed (11%)" in details("relay-tokyo")
    assert "811 requests · 4 failed (<1%)" in details("anthropic-main")
    assert "never" in details("new-arrival")
    assert "switched off" in details("spare-key")
    assert "codex" in details("lab-gateway")


def test_an_allowance_says_what_is_left_and_when_it_is_renewed():
    key = KeyStatus(name="", remaining=0.25, resets_at=NOW + 600)
    shown = told(msgspec.structs.replace(BY_NAME["anthropic-main"], keys=(key,), queued=2))
    assert "25% left · whole again in 10m00s" in shown
    assert "2 requests wait for a place" in shown
    assert "Allowance" not in details("anthropic-main")


def test_keys_of_a_pool_and_models_that_rest_are_told_one_by_one():
    keys = (
        KeyStatus(name="work", back_at=NOW + 42, reason="invalid key"),
        KeyStatus(name="home", remaining=0.001, resets_at=NOW + 90),
        KeyStatus(name="lost", reason="the environment variable LOST is not set"),
        KeyStatus(name="new"),
    )
    models = (ModelStatus(model="opus", back_at=NOW + 7, reason="slow down", key="home"),)
    shown = told(msgspec.structs.replace(BY_NAME["anthropic-main"], keys=keys, resting_models=models))
    assert "rests 42.0s: invalid key" in shown
    assert "<1% left · whole again in 90.0s" in shown
    assert "Key lost" in shown and "LOST is not set" in shown
    assert "ready" in shown
    assert "opus (Key home)  rests 7.00s: slow down" in shown


def test_a_fact_that_is_too_wide_goes_on_below_its_beginning():
    lines = [plain(line) for line in detail_lines(BY_NAME["relay-tokyo"], NOW, UNICODE, 44)]
    at = next(number for number, line in enumerate(lines) if line.startswith("Last error"))
    indent = len(lines[at]) - len(lines[at].removeprefix("Last error").lstrip())
    assert all(len(line) <= 44 for line in lines)
    assert lines[at + 1].startswith(" " * indent)
    assert lines[at + 1].strip()


def result(ok: bool, status: int) -> TestResult:
    return TestResult(
        endpoint="a",
        ok=ok,
        format="chat",
        status=status,
        elapsed_ms=412,
        model="gpt-5-mini",
        message="It said hi.",
    )


def test_a_test_says_what_it_found_per_format():
    lines = [plain(line) for line in result_lines([result(True, 200), result(False, 0)], ASCII)]
    assert lines[0].startswith("+ works  chat  200  412ms  gpt-5-mini")
    assert lines[1].startswith("x fails  chat  no answer")


def test_a_running_test_turns_and_counts():
    first, later = spinner_line(0.0, UNICODE), spinner_line(3.2, UNICODE)
    assert plain(first) != plain(later)
    assert "3s" in plain(later)
