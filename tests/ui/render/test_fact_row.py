"""The row and the details of a fact."""

import msgspec

from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.columns import place
from cccc_tui.ui.render.fact_row import COLUMNS, fact_cells, fact_lines, fact_text
from cccc_tui.ui.render.glyphs import ASCII, UNICODE
from tests.fakes.control import NOW
from tests.fakes.scenario import fact

TEMPERATURE = fact(
    "param:temperature", model="gpt-5", evidence="400 `temperature` is no parameter", exchange_id=7
)
PINNED = msgspec.structs.replace(TEMPERATURE, pinned=True)


def cells(shown=TEMPERATURE, width=140, glyphs=UNICODE) -> dict[str, str]:
    placed = place(COLUMNS, width)
    lines = fact_cells(shown, placed, NOW, glyphs)
    return {each.column.id: plain(line) for each, line in zip(placed, lines, strict=True)}


def told(shown=TEMPERATURE, is_kept=False, columns=0) -> list[str]:
    return [plain(line).rstrip() for line in fact_lines(shown, is_kept, NOW, UNICODE, columns)]


def value(name: str, *args, **options) -> str:
    return next(line for line in told(*args, **options) if line.startswith(name))[len("Asked again  ") :]


def test_a_row_says_who_taught_what_and_for_how_long():
    assert cells() == {
        "endpoint": "anthropic-main",
        "model": "gpt-5",
        "what": "no temperature",
        "first": "2h",
        "last": "10m",
        "expires": "6d",
        "pinned": "",
    }


def test_a_fact_of_the_whole_endpoint_is_of_all_models():
    assert cells(fact("speaks_responses", "no"))["model"] == "all"


def test_a_pinned_one_stays_and_is_marked_by_a_word_in_ascii_too():
    assert (cells(PINNED)["expires"], cells(PINNED)["pinned"]) == ("stays", "✓ pinned")
    assert cells(PINNED, glyphs=ASCII)["pinned"] == "+ pinned"
    assert cells(msgspec.structs.replace(TEMPERATURE, expires_at=None))["expires"] == "stays"


def test_an_end_that_is_near_stands_out():
    placed = place(COLUMNS[5:6], 8)
    tones = [
        fact_cells(fact("x", expires_at=NOW + left_s), placed, NOW, UNICODE)[0][0].tone
        for left_s in (3_600, 90_000)
    ]
    assert tones == ["warn", "plain"]


def test_without_room_what_it_is_and_where_stay():
    assert list(cells(width=57)) == ["endpoint", "model", "what", "expires"]
    assert list(cells(width=34)) == ["endpoint", "what"]


def test_the_details_have_the_endpoints_own_words_and_every_moment():
    assert told() == [
        "What         no temperature",
        "Evidence     400 `temperature` is no parameter",
        "Endpoint     anthropic-main",
        "Model        gpt-5",
        "Request      #7  is not kept any more",
        "First seen   2026-01-02 01:04:05  2h ago",
        "Last seen    2026-01-02 02:54:05  10m ago",
        "Asked again  2026-01-09 01:04:05  in 6d",
        "Kept as      param:temperature = drop",
    ]


def test_the_details_say_what_becomes_of_it():
    assert value("Asked again", PINNED) == "not while it is pinned"
    assert value("What", PINNED) == "no temperature  ✓ pinned"
    assert value("Asked again", msgspec.structs.replace(TEMPERATURE, expires_at=None)) == "not by itself"


def test_a_request_that_is_kept_can_be_opened_and_one_from_elsewhere_cannot():
    assert value("Request", is_kept=True) == "#7  enter opens it"
    assert "elsewhere" in value("Request", msgspec.structs.replace(TEMPERATURE, exchange_id=0))


def test_long_evidence_goes_on_below_itself():
    lines = told(msgspec.structs.replace(TEMPERATURE, evidence="400 " + "so it is " * 12), columns=40)
    assert max(map(len, lines)) <= 40
    assert lines[2].startswith(" " * 13 + "it is")


def test_what_an_endpoint_says_cannot_move_the_cursor():
    assert "\x1b" not in "".join(told(fact("lacks:\x1b[2J", evidence="400 \x1b[31mred", model="\x1b[1m")))


def test_it_is_copied_as_a_sentence():
    assert (
        fact_text(TEMPERATURE) == "anthropic-main, gpt-5: no temperature (400 `temperature` is no parameter)"
    )
