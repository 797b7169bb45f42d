"""An exchange as the cells of one row of the request list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from rich.cells import cell_len

from cccc_tui.locales import N_
from cccc_tui.traffic import measure
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, Tone, cut_middle, line, safe
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.status import exchange_mark

COLUMNS: tuple[Column, ...] = (
    Column("began", N_("Time"), 8, 4, sort="began"),
    Column("state", N_("State"), 8, 1, sort="state"),
    Column("client", N_("Client"), 11, 5, sort="client", grow=1, most=13),
    Column("model", N_("Model"), 17, 2, grow=4, sort="model", most=44),
    Column("endpoint", N_("Endpoint"), 12, 6, grow=3, sort="endpoint", most=26),
    Column("attempts", N_("Try"), 3, 9, align="right", sort="attempts"),
    Column("first", N_("First"), 6, 8, align="right", sort="first"),
    Column("time", N_("Took"), 6, 3, align="right", sort="time"),
    Column("in", N_("In"), 5, 10, align="right", sort="in"),
    Column("out", N_("Out"), 5, 7, align="right", sort="out"),
    Column("tps", N_("tok/s"), 5, 11, align="right", sort="tps"),
    Column("size", N_("Size"), 7, 12, align="right", sort="size"),
    Column("path", N_("Path"), 14, 13, grow=2, sort="path", most=40),
)

_CLIENTS = ("claude-code", "codex", "openai-sdk", "anthropic-sdk")

Draw = Callable[[Exchange, int, float, Glyphs], Line]


def exchange_cells(
    exchange: Exchange, placed: Sequence[Placed], now: float, glyphs: Glyphs
) -> tuple[Line, ...]:
    """One line per column, not yet padded; `now` is the wall-clock moment for what is still running."""
    return tuple(_DRAW[each.column.id](exchange, each.width, now, glyphs) for each in placed)


def client_tone(client: str) -> Tone:
    """The tone of a client's name."""
    return cast(Tone, client) if client in _CLIENTS else "other"


def model_line(exchange: Exchange, width: int, glyphs: Glyphs) -> Line:
    """The model, and the one asked for upstream where it differs."""
    model = safe(exchange.model)
    if not model:
        return line(cut_middle(safe(exchange.path), width), "dim")
    upstream = safe(measure.upstream_model(exchange))
    if not upstream:
        return line(cut_middle(model, width))
    arrow = f" {glyphs.arrow} "
    room = width - cell_len(arrow)
    left = max(room // 2, room - cell_len(upstream))
    model = cut_middle(model, left)
    return Run(model), Run(arrow, "dim"), Run(cut_middle(upstream, room - cell_len(model)), "accent")


def _took(exchange: Exchange, width: int, now: float, glyphs: Glyphs) -> Line:
    text = numbers.duration(measure.elapsed_s(exchange, now))
    return line(text, "plain" if exchange.is_over else "busy")


def _attempts(exchange: Exchange, width: int, now: float, glyphs: Glyphs) -> Line:
    tries = len(exchange.attempts)
    return line(str(tries) if tries else UNKNOWN, "warn" if tries > 1 else "dim")


def _number(read: Callable[[Exchange], float | None], show: Callable[[float | None], str]) -> Draw:
    def draw(exchange: Exchange, width: int, now: float, glyphs: Glyphs) -> Line:
        text = show(read(exchange))
        return line(text, "dim" if text == UNKNOWN else "plain")

    return draw


def _size(exchange: Exchange, width: int, now: float, glyphs: Glyphs) -> Line:
    return line(numbers.size(exchange.response_bytes or None), "dim")


_DRAW: dict[str, Draw] = {
    "began": lambda exchange, *_rest: line(numbers.clock(exchange.began_at), "dim"),
    "state": lambda exchange, width, now, glyphs: (exchange_mark(exchange, glyphs).run,),
    "client": lambda exchange, width, *_rest: line(
        cut_middle(safe(exchange.client), width), client_tone(exchange.client)
    ),
    "model": lambda exchange, width, now, glyphs: model_line(exchange, width, glyphs),
    "endpoint": lambda exchange, width, *_rest: line(
        cut_middle(safe(exchange.endpoint) or UNKNOWN, width), "plain" if exchange.endpoint else "dim"
    ),
    "attempts": _attempts,
    "first": _number(measure.NUMBERS["first"], numbers.duration),
    "time": _took,
    "in": _number(measure.tokens_in, numbers.count),
    "out": _number(measure.tokens_out, numbers.count),
    "tps": _number(measure.tokens_per_s, numbers.per_second),
    "size": _size,
    "path": lambda exchange, width, *_rest: line(cut_middle(safe(exchange.path), width), "dim"),
}
