"""The parts of the overview: how to connect, the figures, and the last failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cccc_tui.config.schema import Server
from cccc_tui.engine.control import EngineStatus
from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, Tone, cell_width, cut_end, fit, line, safe
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.status import exchange_mark

MAX_FAILURES = 50
SLOW_LOOP_MS = 30.0
USUAL_ADDRESS = f"http://{Server().host}:{Server().port}"

FAILURE_COLUMNS: tuple[Column, ...] = (
    Column("began", N_("Time"), 8, 3),
    Column("state", N_("State"), 8, 2),
    Column("endpoint", N_("Endpoint"), 12, 4, grow=1, most=20),
    Column("error", N_("Error"), 20, 1, grow=4),
)


class Figure(NamedTuple):
    """A number with what it is, its unit and its period."""

    value: str
    name: str
    tone: Tone = "strong"


def connect_lines(status: EngineStatus, width: int, glyphs: Glyphs) -> list[Line]:
    """The address, and what to give each client."""
    if not status.listening:
        text = _("not listening; 4 shows the log, which says why")
        return [(Run(f"{glyphs.failed} ", "error"), Run(text, "error"))]
    hint = _("w connects a client   c copies the address")
    gap = " " * max(1, width - cell_width(status.address) - cell_width(hint))
    head: Line = (Run(status.address, "title"), Run(gap), Run(hint, "dim"))
    return [head, *(_client_line(name, setting, width) for name, setting in client_settings(status.address))]


def client_settings(address: str) -> tuple[tuple[str, str], ...]:
    """What to do, by client. The commands look for the usual address unless they are told another."""
    elsewhere = "" if address == USUAL_ADDRESS else f" --url {address}"
    return (
        ("Claude", f"cccc connect claude{elsewhere}"),
        ("Codex", f"cccc connect codex{elsewhere}"),
        ("SDKs", f"base_url = {address}  (OpenAI: {address}/v1)"),
    )


def _client_line(name: str, setting: str, width: int) -> Line:
    return Run(f"{name:<8}", "dim"), Run(cut_end(setting, max(10, width - 8)))


def figures(status: EngineStatus) -> list[Figure]:
    """The numbers of the moment."""
    tokens = status.tokens_today
    sent = tokens.input_tokens + tokens.cache_read_tokens + tokens.cache_write_tokens
    known = tokens.total > 0
    return [
        Figure(str(status.in_flight), _("in flight"), "busy" if status.in_flight else "strong"),
        Figure(str(status.requests_per_min), _("req / min")),
        Figure(str(status.errors_5min), _("errors / 5 min"), "error" if status.errors_5min else "strong"),
        Figure(numbers.count(sent) if known else UNKNOWN, _("tokens in today")),
        Figure(numbers.count(tokens.cache_read_tokens) if known else UNKNOWN, _("from cache")),
        Figure(numbers.count(tokens.output_tokens) if known else UNKNOWN, _("tokens out today")),
        Figure(f"{status.loop_lag_ms:.1f} ms", _("loop lag p95"), _lag_tone(status)),
        Figure(numbers.count(status.requests_total), _("since start")),
    ]


def _lag_tone(status: EngineStatus) -> Tone:
    return "warn" if status.loop_lag_ms > SLOW_LOOP_MS else "strong"


def figure_lines(known: Sequence[Figure], width: int, max_rows: int = 1) -> list[Line]:
    """The figures side by side, as many as fit into so many rows, with an empty line between two rows."""
    lines: list[Line] = []
    rest = list(known)
    while rest and max_rows:
        kept, used = _that_fit(rest, width)
        lines += [*([()] if lines else []), *_figure_row(kept, (width - used) // len(kept))]
        rest, max_rows = rest[len(kept) :], max_rows - 1
    return lines


def _that_fit(known: Sequence[Figure], width: int) -> tuple[list[Figure], int]:
    """The first figures that fit side by side (one at least), and the width that they take."""
    kept: list[Figure] = []
    used = 0
    for figure in known:
        needed = max(cell_width(figure.name), cell_width(figure.value)) + 2
        if kept and used + needed > width:
            break
        kept.append(figure)
        used += needed
    return kept, used


def _figure_row(kept: Sequence[Figure], spare: int) -> list[Line]:
    """The numbers above, what they are below."""
    columns = [max(cell_width(each.name), cell_width(each.value)) + 2 + min(3, spare) for each in kept]
    values = [
        run
        for each, size in zip(kept, columns, strict=True)
        for run in fit(line(each.value, each.tone), size)
    ]
    names = [
        run for each, size in zip(kept, columns, strict=True) for run in fit(line(each.name, "dim"), size)
    ]
    return [tuple(values), tuple(names)]


def failures(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The last ones that ended badly, newest first; a request that the client gave up is no failure."""
    bad = [
        each for each in exchanges if each.state == "failed" or (each.state == "done" and each.status >= 400)
    ]
    return bad[: -MAX_FAILURES - 1 : -1]


def failure_cells(exchange: Exchange, placed: Sequence[Placed], glyphs: Glyphs) -> tuple[Line, ...]:
    """One line per column."""
    cells: dict[str, Line] = {
        "began": line(numbers.clock(exchange.began_at), "dim"),
        "state": (exchange_mark(exchange, glyphs).run,),
        "endpoint": line(safe(exchange.endpoint) or UNKNOWN),
        "error": line(_error(exchange), "dim"),
    }
    return tuple(fit(cells[each.column.id], each.width) for each in placed)


def _error(exchange: Exchange) -> str:
    tried = [attempt.error for attempt in exchange.attempts if attempt.error]
    return safe(exchange.error or (tried[-1] if tried else ""))
