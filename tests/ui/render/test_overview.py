"""The parts of the overview."""

from cccc_tui.ui.render.cells import plain, width
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.glyphs import UNICODE
from cccc_tui.ui.render.overview import (
    FAILURE_COLUMNS,
    client_settings,
    connect_lines,
    failure_cells,
    failures,
    figure_lines,
    figures,
)
from tests.fakes.control import FakeControl, scripted_exchanges


def test_the_address_stands_first_and_every_client_has_its_line():
    lines = [plain(line) for line in connect_lines(FakeControl().status(), 78, UNICODE)]
    assert lines[0].startswith("http://127.0.0.1:8080")
    assert all(name in "\n".join(lines) for name, _setting in client_settings("x"))


def test_not_listening_is_said_instead_of_an_address():
    control = FakeControl()
    control.changed_status = {"listening": False}
    (line,) = connect_lines(control.status(), 78, UNICODE)
    assert "not listening" in plain(line)


def test_every_figure_has_its_unit_and_period():
    known = {figure.name: figure.value for figure in figures(FakeControl().status())}
    assert known["errors / 5 min"] == "3"
    assert known["tokens in today"] == "3.31M"
    assert known["loop lag p95"] == "1.4 ms"


def test_tokens_that_nobody_counted_are_unknown():
    known = {figure.name: figure.value for figure in figures(FakeControl(empty=True).status())}
    assert known["tokens out today"] == "–"
    assert known["in flight"] == "0"


def test_figures_that_do_not_fit_go_to_another_row_or_are_left_out():
    known = figures(FakeControl().status())
    assert len(figure_lines(known, 78)) == 2
    rows = figure_lines(known, 50, max_rows=3)
    assert len(rows) == 8
    assert max(width(row) for row in rows) <= 50


def test_failures_are_those_that_ended_badly_newest_first():
    found = failures(scripted_exchanges())
    assert [each.id for each in found] == [13, 11, 10, 8, 4]


def test_a_failure_says_what_went_wrong():
    placed = place(FAILURE_COLUMNS, 78)
    cells = [
        plain(line).strip() for line in failure_cells(failures(scripted_exchanges())[1], placed, UNICODE)
    ]
    assert cells == ["03:03:21", "✗ 502", "local-llama", "connection refused"]
