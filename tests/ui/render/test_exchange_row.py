"""The row of a request."""

from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.exchange_row import COLUMNS, client_tone, exchange_cells
from cccc_tui.ui.render.glyphs import ASCII, UNICODE
from tests.fakes.control import NOW, scripted_exchanges

BY_ID = {each.id: each for each in scripted_exchanges()}


def cells(number: int, symbols=UNICODE, width: int = 170) -> dict[str, str]:
    placed = place(COLUMNS, width)
    lines = exchange_cells(BY_ID[number], placed, NOW, symbols)
    return {each.column.id: plain(line) for each, line in zip(placed, lines, strict=True)}


def test_a_finished_request_shows_its_numbers():
    shown = cells(12)
    assert shown["state"] == "✓ 200"
    assert (shown["attempts"], shown["time"], shown["out"], shown["endpoint"]) == (
        "2",
        "8.20s",
        "412",
        "relay-tokyo",
    )


def test_a_running_request_counts_its_time_and_leaves_the_rest_unknown():
    shown = cells(15)
    assert (shown["state"], shown["time"]) == ("⟳ wait", "6.20s")
    assert {shown[name] for name in ("first", "in", "out", "tps", "size")} == {"–"}


def test_a_rewritten_model_shows_both_names():
    assert "→" in cells(11)["model"]
    assert ">" in cells(11, ASCII)["model"]


def test_a_request_without_a_model_shows_its_path():
    assert cells(13)["model"] == "/v1/unknown/[path]"


def test_every_cell_fits_its_column_at_any_width():
    for width in (58, 78, 138):
        placed = place(COLUMNS, width)
        for exchange in BY_ID.values():
            lines = exchange_cells(exchange, placed, NOW, UNICODE)
            assert [
                each.column.id
                for each, line in zip(placed, lines, strict=True)
                if len(plain(line)) > each.width
            ] == []


def test_an_unknown_client_has_the_tone_of_others():
    assert client_tone("codex") == "codex"
    assert client_tone("curl/8") == "other"
