"""An endpoint as the cells of one row, and in detail for its panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cccc_tui.engine.control import EndpointStatus, KeyStatus, TestResult
from cccc_tui.locales import N_, _, ngettext
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import (
    UNKNOWN,
    Line,
    Run,
    Tone,
    cut_end,
    cut_middle,
    line,
    safe,
)
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.named import Named, named_lines
from cccc_tui.ui.render.status import HEALTH_WORDS, health_mark, status_mark

COLUMNS: tuple[Column, ...] = (
    Column("order", N_("#"), 2, 3, align="right"),
    Column("health", N_("Health"), 15, 2),
    Column("name", N_("Name"), 14, 1, grow=2, most=26),
    Column("formats", N_("Formats"), 14, 7, grow=1, most=24),
    Column("requests", N_("Reqs"), 5, 4, align="right"),
    Column("failures", N_("Fails"), 5, 5, align="right"),
    Column("first", N_("First"), 6, 6, align="right"),
    Column("tokens", N_("Tokens"), 6, 8, align="right"),
    Column("used", N_("Used"), 4, 9, align="right"),
    Column("url", N_("URL"), 20, 10, grow=3, most=44),
    Column("error", N_("Last error"), 18, 11, grow=4),
)

SHORT_COLUMNS: tuple[Column, ...] = (
    Column("health", N_("Health"), 15, 2),
    Column("name", N_("Endpoint"), 12, 1, grow=2, most=26),
    Column("requests", N_("Reqs"), 5, 3, align="right"),
    Column("failures", N_("Fails"), 5, 4, align="right"),
    Column("first", N_("First"), 6, 5, align="right"),
    Column("reason", N_("Why"), 16, 6, grow=4),
)
"""For the overview."""

_SCARCE = 0.1
"""A smaller share of an allowance stands out."""

Draw = Callable[[EndpointStatus, int, float, Glyphs], Line]


def endpoint_cells(
    endpoint: EndpointStatus, order: int, placed: Sequence[Placed], now: float, glyphs: Glyphs
) -> tuple[Line, ...]:
    """One line per column; `order` is its place, from 1."""
    return tuple(
        line(str(order), "dim")
        if each.column.id == "order"
        else _DRAW[each.column.id](endpoint, each.width, now, glyphs)
        for each in placed
    )


def health_line(endpoint: EndpointStatus, now: float, glyphs: Glyphs) -> Line:
    """`◔ cooling 42s`: the state, and when it is tried again."""
    mark = health_mark(endpoint.health, glyphs).run
    back = back_in(endpoint, now)
    return (mark, Run(f" {back}", "dim")) if back else (mark,)


def back_in(endpoint: EndpointStatus, now: float) -> str:
    """Time until it is tried again; empty when that is not known."""
    return numbers.duration(float(round(left))) if (left := _left(endpoint, now)) is not None else ""


def _left(endpoint: EndpointStatus, now: float) -> float | None:
    if endpoint.back_at is None or endpoint.health in ("healthy", "disabled"):
        return None
    return max(1.0, endpoint.back_at - now)


def reason(endpoint: EndpointStatus) -> str:
    """Why it is in its state, in a sentence."""
    return safe(endpoint.health_reason) or _(HEALTH_WORDS[endpoint.health])


def details(endpoint: EndpointStatus, now: float, glyphs: Glyphs, learned: int = 0) -> tuple[Named, ...]:
    """Everything that is known of it, for the panel; `learned` is the number of its facts."""
    usage = endpoint.usage
    tokens = _("{sent} in · {out} out · {cached} from cache").format(
        sent=numbers.count(usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens),
        out=numbers.count(usage.output_tokens),
        cached=numbers.count(usage.cache_read_tokens),
    )
    used = endpoint.last_used_at
    return (
        Named(_("Health"), (*health_line(endpoint, now, glyphs), Run("  " + reason(endpoint)))),
        Named(_("URL"), line(safe(endpoint.url))),
        Named(_("Formats"), line(", ".join(endpoint.formats) or UNKNOWN)),
        Named(_("Clients"), line(", ".join(endpoint.supported_clients) or _("all"))),
        Named(_("Tags"), line(safe(", ".join(endpoint.tags)) or _("none: takes every request"))),
        *_taught(learned),
        Named(_("Priority"), line(str(endpoint.priority))),
        Named(_("Since start"), _since_start(endpoint)),
        Named(_("First content"), line(_("{time} (median)").format(time=_first(endpoint)))),
        Named(_("Tokens"), line(tokens if usage.total else UNKNOWN)),
        Named(
            _("Last used"), line(_("{age} ago").format(age=numbers.age(now - used)) if used else _("never"))
        ),
        Named(_("Last error"), line(safe(endpoint.last_error) or _("none"), _error_tone(endpoint))),
        *_moment(endpoint, now),
    )


def _taught(learned: int) -> Iterator[Named]:
    if learned:
        shown = ngettext("{count} fact  5 shows it", "{count} facts  5 shows them", learned)
        yield Named(_("Learned"), line(shown.format(count=learned)))


def _moment(endpoint: EndpointStatus, now: float) -> Iterator[Named]:
    """What holds for now, where there is something to say: the queue, keys, allowances, models that rest."""
    if endpoint.queued:
        waiting = ngettext(
            "{count} request waits for a place", "{count} requests wait for a place", endpoint.queued
        )
        yield Named(_("Queue"), line(waiting.format(count=endpoint.queued), "warn"))
    for key in endpoint.keys:
        if len(endpoint.keys) > 1:
            yield Named(_("Key {name}").format(name=safe(key.name)), _key_line(key, now))
        elif key.remaining is not None:
            yield Named(_("Allowance"), line(_allowance(key, now), _allowance_tone(key)))
    for model in endpoint.resting_models:
        with_key = _("Key {name}").format(name=model.key)
        key_name = f" ({with_key})" if model.key else ""
        rests = _rests(model.back_at, model.reason, now)
        yield Named(_("Model"), line(f"{safe(model.model)}{safe(key_name)}  {rests}", "warn"))


def _key_line(key: KeyStatus, now: float) -> Line:
    if key.back_at is not None:
        return line(_rests(key.back_at, key.reason, now), "warn")
    if key.reason:
        return line(safe(key.reason), "error")
    if key.remaining is not None:
        return line(_allowance(key, now), _allowance_tone(key))
    return line(_("ready"))


def _rests(back_at: float, why: str, now: float) -> str:
    left = numbers.duration(float(round(max(1.0, back_at - now))))
    return _("rests {time}: {why}").format(time=left, why=safe(why))


def _allowance(key: KeyStatus, now: float) -> str:
    left = _("{share} left").format(share=_share(key.remaining or 0.0))
    if key.resets_at is None:
        return left
    renewed = numbers.duration(float(round(max(1.0, key.resets_at - now))))
    return f"{left} · " + _("whole again in {time}").format(time=renewed)


def _allowance_tone(key: KeyStatus) -> Tone:
    return "warn" if key.remaining is not None and key.remaining < _SCARCE else "plain"


def detail_lines(
    endpoint: EndpointStatus, now: float, glyphs: Glyphs, columns: int = 0, learned: int = 0
) -> list[Line]:
    """The details as lines of the panel, broken at `columns`."""
    return named_lines(details(endpoint, now, glyphs, learned), columns)


def spinner_line(elapsed_s: float, glyphs: Glyphs, what: str = "") -> Line:
    """Something that is running, a test unless it is named, and for how long."""
    turn = glyphs.spinner[int(elapsed_s * 5) % len(glyphs.spinner)]
    return Run(f"{turn} " + (what or _("testing")), "busy"), Run(
        f" {elapsed_s:.0f}s  " + _("esc gives up"), "dim"
    )


def result_lines(results: Sequence[TestResult], glyphs: Glyphs) -> list[Line]:
    """What a test found, a line per format."""
    return [_result_line(result, glyphs) for result in results]


def _result_line(result: TestResult, glyphs: Glyphs) -> Line:
    mark = (
        Run(f"{glyphs.ok} " + _("works"), "ok")
        if result.ok
        else Run(f"{glyphs.failed} " + _("fails"), "error")
    )
    status = status_mark(result.status, glyphs).word
    facts = (
        f"  {result.format or UNKNOWN}  {status}  {numbers.milliseconds(result.elapsed_ms)}  {result.model}"
    )
    return mark, Run(safe(facts), "dim"), Run("  " + safe(result.message))


def _error_tone(endpoint: EndpointStatus) -> Tone:
    return "error" if endpoint.last_error else "dim"


def _first(endpoint: EndpointStatus) -> str:
    return numbers.milliseconds(endpoint.first_content_ms)


def _since_start(endpoint: EndpointStatus) -> Line:
    share = f" ({_share(endpoint.failures / endpoint.requests)})" if endpoint.requests else ""
    return (
        Run(_("{count} requests").format(count=endpoint.requests)),
        Run(" · "),
        Run(
            _("{count} failed").format(count=endpoint.failures) + share,
            "error" if endpoint.failures else "plain",
        ),
        Run(" · " + _("{count} in flight").format(count=endpoint.in_flight)),
    )


def _share(share: float) -> str:
    """A percentage; some is never shown as none."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _counted(number: int, tone_if_any: Tone) -> Line:
    return line(numbers.count(number), tone_if_any if number else "dim")


_DRAW: dict[str, Draw] = {
    "health": lambda endpoint, width, now, glyphs: health_line(endpoint, now, glyphs),
    "name": lambda endpoint, width, *_rest: line(
        cut_middle(safe(endpoint.name), width), "strong" if endpoint.enabled else "dim"
    ),
    "formats": lambda endpoint, width, *_rest: line(cut_end(" ".join(endpoint.formats), width), "dim"),
    "requests": lambda endpoint, *_rest: _counted(endpoint.requests, "plain"),
    "failures": lambda endpoint, *_rest: _counted(endpoint.failures, "error"),
    "first": lambda endpoint, *_rest: line(_first(endpoint), "plain" if endpoint.first_content_ms else "dim"),
    "tokens": lambda endpoint, *_rest: line(numbers.count(endpoint.usage.total or None), "dim"),
    "used": lambda endpoint, width, now, glyphs: line(
        numbers.age(None if endpoint.last_used_at is None else now - endpoint.last_used_at), "dim"
    ),
    "url": lambda endpoint, width, *_rest: line(cut_middle(safe(endpoint.url), width), "dim"),
    "error": lambda endpoint, width, *_rest: line(cut_end(safe(endpoint.last_error), width), "dim"),
    "reason": lambda endpoint, width, *_rest: line(
        cut_end(reason(endpoint) if endpoint.health != "healthy" else "", width), "dim"
    ),
}
