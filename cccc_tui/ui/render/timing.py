"""Where the time of an exchange went: its phases, as a bar and as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cccc_tui.locales import N_, _
from cccc_tui.traffic import measure
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, Tone
from cccc_tui.ui.render.glyphs import Glyphs


class Phase(NamedTuple):
    """A stretch of time, in seconds since the request arrived."""

    name: str
    """Marked with `N_`."""
    tone: Tone
    began_s: float
    ended_s: float

    @property
    def took_s(self) -> float:
        return self.ended_s - self.began_s


def phases(exchange: Exchange, now: float) -> tuple[Phase, ...]:
    """Its phases without a gap, up to its end or to `now`."""
    end = measure.elapsed_s(exchange, now)
    attempt = measure.last_attempt(exchange)
    moments: list[tuple[str, Tone, float | None]] = [(N_("route"), "dim", 0.0)]
    if attempt:
        if len(exchange.attempts) > 1:
            moments.append((N_("failed tries"), "error", exchange.attempts[0].began_s))
        began = attempt.began_s
        moments += [
            (N_("connect + send"), "warn", began),
            (N_("wait for headers"), "accent", _after(began, attempt.sent_s)),
            (N_("wait for content"), "busy", _after(began, attempt.headers_s)),
            (N_("content"), "ok", _after(began, attempt.first_content_s)),
        ]
    known = [(name, tone, min(at, end)) for name, tone, at in moments if at is not None]
    ends = [*(at for _name, _tone, at in known[1:]), end]
    return tuple(
        Phase(name, tone, at, max(at, until)) for (name, tone, at), until in zip(known, ends, strict=True)
    )


def _after(began_s: float, moment_s: float | None) -> float | None:
    """A moment of an attempt is an offset from the exchange's beginning; never before the attempt's own."""
    return None if moment_s is None else max(began_s, moment_s)


def bar(parts: Sequence[Phase], width: int, glyphs: Glyphs) -> Line:
    """One bar with every phase in its share of the width; what took time at all is at least one column."""
    total = sum(part.took_s for part in parts)
    if total <= 0 or width <= 0:
        return (Run(glyphs.bar_light * max(0, width), "dim"),)
    shares = _columns([part.took_s / total for part in parts], width)
    return tuple(
        Run(_fill(part, glyphs) * columns, part.tone)
        for part, columns in zip(parts, shares, strict=True)
        if columns
    )


def _fill(part: Phase, glyphs: Glyphs) -> str:
    """Neighbours differ in texture too, not only in hue."""
    textures = {"dim": glyphs.bar_light, "warn": glyphs.bar_dots, "accent": glyphs.bar_light}
    return textures.get(part.tone, glyphs.bar_dots if part.tone == "busy" else glyphs.bar)


def _columns(shares: list[float], width: int) -> list[int]:
    edges, used = [], 0.0
    for share in shares:
        used += share
        edges.append(round(used * width))
    columns = [edge - before for edge, before in zip(edges, [0, *edges], strict=False)]
    for place, share in enumerate(shares):
        if share > 0 and not columns[place] and max(columns) > 1:
            columns[columns.index(max(columns))] -= 1
            columns[place] = 1
    return columns


def timing_lines(exchange: Exchange, now: float, width: int, glyphs: Glyphs) -> list[Line]:
    """The bar, and a line with a small bar and a number for each phase."""
    parts = phases(exchange, now)
    total = sum(part.took_s for part in parts)
    bar_width = max(10, min(width, 100))
    small = max(8, min(40, width - 46))
    lines: list[Line] = [bar(parts, bar_width, glyphs), ()]
    for part in parts:
        lines.append(_phase_line(part, total, small, glyphs))
    tone: Tone = "strong" if exchange.is_over else "busy"
    head = _("in all") if exchange.is_over else _("running for")
    lines.append((Run(f"{head:<18}", "dim"), Run(f"{numbers.duration(total):>8}", tone)))
    return [*lines, (), *_speed_lines(exchange)]


def _phase_line(part: Phase, total_s: float, width: int, glyphs: Glyphs) -> Line:
    share = part.took_s / total_s if total_s else 0.0
    before = round(part.began_s / total_s * width) if total_s else 0
    filled = max(1, round(share * width)) if part.took_s > 0 else 0
    before = min(before, width - filled)
    return (
        Run(f"{_(part.name):<18}", "dim"),
        Run(f"{numbers.duration(part.took_s):>8}"),
        Run(f"{share:>6.0%}  ", "dim"),
        Run(" " * before),
        Run(_fill(part, glyphs) * filled, part.tone),
    )


def _speed_lines(exchange: Exchange) -> list[Line]:
    usage = exchange.usage
    rows = [
        (_("first content"), numbers.duration(exchange.first_content_s)),
        (_("tokens in"), _tokens_in(exchange)),
        (_("tokens out"), _with_reasoning(exchange)),
        (_("output speed"), f"{numbers.per_second(measure.tokens_per_s(exchange))} tok/s"),
        (_("request size"), numbers.size(exchange.request_bytes or None)),
        (_("answer size"), numbers.size(exchange.response_bytes or None)),
    ]
    if not usage.total:
        rows[3] = (_("output speed"), UNKNOWN)
    return [(Run(f"{name:<18}", "dim"), Run(value)) for name, value in rows]


def _tokens_in(exchange: Exchange) -> str:
    usage, whole = exchange.usage, measure.tokens_in(exchange)
    if whole is None:
        return UNKNOWN
    parts = _("{read} read from cache, {written} written to it, {new} neither").format(
        read=numbers.count(usage.cache_read_tokens),
        written=numbers.count(usage.cache_write_tokens),
        new=numbers.count(usage.input_tokens),
    )
    return f"{numbers.count(whole)}  ({parts})"


def _with_reasoning(exchange: Exchange) -> str:
    out, reasoning = measure.tokens_out(exchange), exchange.usage.reasoning_tokens
    if not reasoning:
        return numbers.count(out)
    of_it = _("{count} of it reasoning").format(count=numbers.count(reasoning))
    return f"{numbers.count(out)}  ({of_it})"
