"""What an endpoint has taught as the cells of one row, in detail for its panel, and as it is copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cccc_tui.engine.control import FactStatus
from cccc_tui.locales import N_, _
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, cut_end, cut_middle, line, safe
from cccc_tui.ui.render.columns import Column, Placed
from cccc_tui.ui.render.fact_words import fact_words
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.named import Named, named_lines

COLUMNS: tuple[Column, ...] = (
    Column("endpoint", N_("Endpoint"), 12, 2, grow=2, most=26, sort="endpoint"),
    Column("model", N_("Model"), 13, 3, grow=2, most=30, sort="model"),
    Column("what", N_("What"), 20, 1, grow=4, sort="what"),
    Column("first", N_("Since"), 5, 7, align="right", sort="first"),
    Column("last", N_("Seen"), 4, 6, align="right", sort="last"),
    Column("expires", N_("Expires"), 7, 4, align="right", sort="expires"),
    Column("pinned", N_("Pinned"), 8, 5, sort="pinned"),
)

SOON_S = 24 * 3600.0
"""An end that is nearer stands out."""

Draw = Callable[[FactStatus, int, float, Glyphs], Line]


def fact_cells(fact: FactStatus, placed: Sequence[Placed], now: float, glyphs: Glyphs) -> tuple[Line, ...]:
    """One line per column."""
    return tuple(_DRAW[each.column.id](fact, each.width, now, glyphs) for each in placed)


def fact_lines(fact: FactStatus, is_kept: bool, now: float, glyphs: Glyphs, columns: int = 0) -> list[Line]:
    """Everything that is known of it, broken at `columns`; `is_kept` says whether its request can be opened."""
    return named_lines(_details(fact, is_kept, now, glyphs), columns)


def fact_text(fact: FactStatus) -> str:
    """The fact as it is copied: in words, with its evidence."""
    return f"{fact.endpoint}, {model_words(fact)}: {fact_words(fact)} ({fact.evidence})"


def model_words(fact: FactStatus) -> str:
    """The model that it holds for, or `all`."""
    return safe(fact.model) or _("all")


def _details(fact: FactStatus, is_kept: bool, now: float, glyphs: Glyphs) -> tuple[Named, ...]:
    pinned = (Run("  "), *_pinned(fact, glyphs)) if fact.pinned else ()
    return (
        Named(_("What"), (Run(fact_words(fact), "strong"), *pinned)),
        Named(_("Evidence"), line(safe(fact.evidence) or UNKNOWN)),
        Named(_("Endpoint"), line(safe(fact.endpoint))),
        Named(_("Model"), line(model_words(fact))),
        Named(_("Request"), _request(fact, is_kept)),
        Named(_("First seen"), line(_seen(fact.first_seen, now))),
        Named(_("Last seen"), line(_seen(fact.last_seen, now))),
        Named(_("Asked again"), line(_asked_again(fact, now))),
        Named(_("Kept as"), line(safe(f"{fact.name} = {fact.value}"), "dim")),
    )


def _request(fact: FactStatus, is_kept: bool) -> Line:
    if not fact.exchange_id:
        return line(_("none here: it was taken up from elsewhere"), "dim")
    number = Run(f"#{fact.exchange_id}")
    if is_kept:
        return number, Run("  " + _("enter opens it"), "dim")
    return number, Run("  " + _("is not kept any more"), "dim")


def _seen(at: float, now: float) -> str:
    return f"{numbers.moment(at)}  " + _("{age} ago").format(age=numbers.age(now - at))


def _asked_again(fact: FactStatus, now: float) -> str:
    if fact.pinned:
        return _("not while it is pinned")
    if fact.expires_at is None:
        return _("not by itself")
    return f"{numbers.moment(fact.expires_at)}  " + _("in {time}").format(
        time=numbers.age(fact.expires_at - now)
    )


def _expires(fact: FactStatus, now: float) -> Line:
    if fact.pinned or fact.expires_at is None:
        return line(_("stays"), "dim")
    left = fact.expires_at - now
    return line(numbers.age(left), "warn" if left < SOON_S else "plain")


def _pinned(fact: FactStatus, glyphs: Glyphs) -> Line:
    return line(f"{glyphs.ok} " + _("pinned"), "accent") if fact.pinned else ()


_DRAW: dict[str, Draw] = {
    "endpoint": lambda fact, width, *_rest: line(cut_middle(safe(fact.endpoint), width), "key"),
    "model": lambda fact, width, *_rest: line(
        cut_middle(model_words(fact), width), "plain" if fact.model else "dim"
    ),
    "what": lambda fact, width, *_rest: line(cut_end(fact_words(fact), width), "strong"),
    "first": lambda fact, width, now, glyphs: line(numbers.age(now - fact.first_seen), "dim"),
    "last": lambda fact, width, now, glyphs: line(numbers.age(now - fact.last_seen), "dim"),
    "expires": lambda fact, width, now, glyphs: _expires(fact, now),
    "pinned": lambda fact, width, now, glyphs: _pinned(fact, glyphs),
}
