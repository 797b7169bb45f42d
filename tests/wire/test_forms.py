"""What was made of a piece of a request, and when it is made anew."""

from __future__ import annotations

from cccc_tui.wire.forms import form_of, form_of_head, forms_of, gathered, grouped
from cccc_tui.wire.model import Begun, Request, Text, Turn
from cccc_tui.wire.reuse import Told


def turn(text: str, forms: dict | None = None, role: str = "user") -> Turn:
    return Turn(role, [Text(text)], forms=forms)


def writer(log: list[str], notes: list[str] | None = None):
    def write(turn: Turn) -> str:
        log.append(turn.parts[0].text)
        if notes is not None and turn.parts[0].text == "odd":
            notes.append("something was left out")
        return turn.parts[0].text.upper()

    return write


def test_a_form_is_made_once_for_each_key():
    forms, log = {}, []
    for key in ("chat", "chat", "anthropic"):
        assert form_of(forms, key, [], lambda key=key: log.append(key) or key) == key
    assert log == ["chat", "anthropic"]


def test_a_form_that_is_noted_is_made_and_noted_each_time():
    shared, notes, log = [turn("odd", {}), turn("plain", {})], [], []
    for _ in range(2):
        assert forms_of(Request("m", shared), 0, "key", notes, writer(log, notes)) == ["ODD", "PLAIN"]
    assert log == ["odd", "plain", "odd"]
    assert notes == ["something was left out"] * 2


def test_a_turn_of_this_request_alone_is_written_for_it_alone():
    turns, log = [turn("fresh"), turn("known", {})], []
    for _ in range(2):
        forms_of(Request("m", turns), 0, "key", [], writer(log))
    assert log == ["fresh", "known", "fresh"]


def test_without_a_key_all_are_written_anew():
    turns, log = [turn("known", {})], []
    for _ in range(2):
        assert forms_of(Request("m", turns), 0, None, [], writer(log)) == ["KNOWN"]
    assert log == ["known", "known"]


def test_the_forms_of_a_beginning_are_those_of_its_turns_wherever_the_writer_starts():
    turns, log = [turn(text, {}) for text in "abcde"], []
    begun = Begun(1, 4, {})
    for _ in range(2):
        for start in range(6):
            request = Request("m", turns, begun)
            assert forms_of(request, start, "key", [], writer(log)) == list("ABCDE"[start:])
    assert log == list("abcde")


def test_the_number_of_forms_of_a_piece_is_bounded():
    forms: dict[object, str] = {}
    for number in range(100):
        form_of(forms, number, [], lambda: "form")
    assert len(forms) < 20


def test_a_head_of_several_turns_is_written_each_time():
    log: list[int] = []
    for turns in ([turn("a", {})], [turn("a", {}), turn("b", {})]):
        for _ in range(2):
            form_of_head(
                Request("m", turns), len(turns), "key", [], lambda head: log.append(len(head)) or "form"
            )
    assert log == [1, 2, 2]


def by_role(turns) -> list[Turn]:
    return grouped(turns, lambda turn: turn.role)


def test_what_is_gathered_goes_on_over_the_end_of_what_is_known():
    known = [turn("a", {}), turn("b", {}, "assistant"), turn("c", {}, "assistant")]
    fresh = [turn("d", None, "assistant"), turn("e")]
    alone, begun = gathered(Told(known, fresh, None), by_role)
    assert begun is None
    forms: dict[object, object] = {}
    for _ in range(2):
        together, begun = gathered(Told(known, fresh, forms), by_role)
        assert [turn.parts for turn in together] == [turn.parts for turn in alone]
        assert (begun.first, begun.end, begun.forms) == (0, 1, forms)
