"""A client's set-up in lines: what came of the last step, how it is now, what would change, and the diff."""

from __future__ import annotations

from collections.abc import Sequence

from cccc_tui.connect.clients import Standing, whose
from cccc_tui.connect.form import home_short
from cccc_tui.connect.plan import Finding, Level
from cccc_tui.locales import _
from cccc_tui.ui.client_setup import Picture, Report
from cccc_tui.ui.render.cells import Line, Run, Tone, safe
from cccc_tui.ui.render.glyphs import Glyphs

_LEVEL_TONES: dict[Level, Tone] = {"info": "plain", "change": "accent", "warning": "warn"}


def setup_lines(picture: Picture | None, report: Report | None, symbols: Glyphs) -> list[Line]:
    """The whole text."""
    lines = [*report_lines(report, symbols), ()] if report else []
    if picture and picture.standing:
        lines += standing_lines(picture.standing, symbols)
    if picture and picture.refused:
        return [*lines, (Run(f"{symbols.failed} {_shown(picture.refused)}", "error"),)]
    plan = picture.plan if picture else None
    if plan is None:
        return [*lines, (Run(_("Looking at its configuration …"), "dim"),)]
    lines += [finding_line(each, symbols) for each in plan.findings]
    if not plan.is_changed:
        words = _("{path} is set up for cccc already.").format(path=plan.files[0].path)
        return [*lines, (), (Run(f"{symbols.ok} {_shown(words)}", "ok"),)]
    return [*lines, (), *diff_lines(plan.diff())]


def report_lines(report: Report, symbols: Glyphs) -> list[Line]:
    """What came of the last step."""
    mark, tone = (f"{symbols.ok} ", "ok") if report.is_ok else (f"{symbols.failed} ", "error")
    first: Line = (Run(mark + _shown(report.sentences[0]), "ok" if tone == "ok" else "error"),)
    return [first, *((Run("  " + _shown(text)),) for text in report.sentences[1:])]


def standing_lines(standing: Standing, symbols: Glyphs) -> list[Line]:
    """Whom it asks now, and by which file."""
    if standing.is_connected:
        state: Line = (Run(f"{symbols.healthy} ", "ok"), Run(_("It asks cccc."), "strong"))
    elif standing.points_to:
        text = _("It asks {place}.").format(place=_shown(whose(standing.points_to)))
        state = (Run(f"{symbols.untried} ", "dim"), Run(text, "strong"))
    else:
        state = (Run(f"{symbols.untried} ", "dim"), Run(_("It asks its own provider."), "strong"))
    undo = "   " + _("u puts back what stood there before") if standing.can_undo else ""
    return [state, (Run(f"  {_shown(str(standing.path))}", "dim"), Run(undo, "dim"))]


def finding_line(finding: Finding, symbols: Glyphs) -> Line:
    """A sentence with the mark of its weight."""
    marks: dict[Level, str] = {"info": " ", "change": symbols.arrow, "warning": symbols.refused}
    return (Run(f"{marks[finding.level]} {_shown(finding.text)}", _LEVEL_TONES[finding.level]),)


def diff_lines(diff: str) -> list[Line]:
    """A unified diff; its signs say what its colours say."""
    return [(Run(_shown(text), _diff_tone(text)),) for text in diff.splitlines()]


def _diff_tone(text: str) -> Tone:
    if text.startswith(("---", "+++", "@@")):
        return "dim"
    return "ok" if text.startswith("+") else "error" if text.startswith("-") else "plain"


def state_note(picture: Picture | None) -> str:
    """Beside the titles: which program is installed."""
    standing = picture.standing if picture else None
    if standing is None:
        return ""
    program = standing.program
    if program is None:
        return _("not installed")
    return _("installed: {version}").format(version=program.version) if program.version else _("installed")


def _shown(text: str) -> str:
    return home_short(safe(text))


def plain_sentences(sentences: Sequence[str]) -> str:
    """For a toast."""
    return _shown(" ".join(sentences))
