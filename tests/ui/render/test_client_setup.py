"""A client's set-up in lines."""

from pathlib import Path

from cccc_tui.connect.clients import Standing
from cccc_tui.connect.plan import FilePlan, Finding, Plan
from cccc_tui.ui.client_setup import Picture, Report
from cccc_tui.ui.render.cells import plain
from cccc_tui.ui.render.client_setup import diff_lines, setup_lines, state_note
from cccc_tui.ui.render.glyphs import ASCII, UNICODE


def standing(url: str = "", connected: bool = False) -> Standing:
    path = Path("/x/settings.json")
    return Standing(
        client="claude", program=None, path=path, points_to=url, is_connected=connected, can_undo=connected
    )


def texts(picture: Picture | None, report: Report | None = None) -> str:
    return "\n".join(plain(line) for line in setup_lines(picture, report, UNICODE))


def test_whom_it_asks_now_is_a_sentence():
    assert "Looking" in texts(None)
    assert "its own provider" in texts(Picture(standing=standing()))
    assert "asks http://127.0.0.1:3456 (claude-code-router)" in texts(
        Picture(standing=standing("http://127.0.0.1:3456"))
    )
    connected = texts(Picture(standing=standing("http://127.0.0.1:8080", connected=True)))
    assert "asks cccc" in connected and "u puts back" in connected


def test_findings_and_the_diff_have_signs_besides_their_colours():
    file = FilePlan(path=Path("/x/a"), syntax="toml", before=b"a = 1\n", after=b"a = 2\n", keys=(("a",),))
    plan = Plan(client="codex", files=(file,), findings=(Finding("warning", "Mind this."),))
    shown = texts(Picture(plan=plan), Report(is_ok=False, sentences=("It failed.", "Because.")))
    assert shown.startswith("✗ It failed.\n  Because.\n")
    assert "! Mind this." in shown
    assert "-a = 1\n+a = 2" in shown
    assert [line[0].tone for line in diff_lines("--- x\n+1\n-2\n 3")] == ["dim", "ok", "error", "plain"]


def test_a_refusal_stands_in_the_place_of_the_diff():
    assert "✗ line 3 is broken" in texts(Picture(refused="line 3 is broken"))


def test_what_is_not_installed_is_said():
    assert state_note(None) == ""
    assert state_note(Picture(standing=standing())) == "not installed"
    assert setup_lines(None, None, ASCII)
