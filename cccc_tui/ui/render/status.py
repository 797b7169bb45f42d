"""States as glyph, word and tone: of exchanges, endpoints, notices. Glyphs differ in shape, not hue alone."""

from __future__ import annotations

from typing import NamedTuple

from cccc_tui.engine.control import Health
from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.notices import Level
from cccc_tui.ui.render.cells import Run, Tone
from cccc_tui.ui.render.glyphs import Glyphs


class Mark(NamedTuple):
    """A state as it is shown."""

    glyph: str
    word: str
    """Translated; for an answered request its status."""
    tone: Tone

    @property
    def run(self) -> Run:
        return Run(f"{self.glyph} {self.word}", self.tone)


def exchange_mark(exchange: Exchange, glyphs: Glyphs) -> Mark:
    """`✓ 200`, `! 400` (the client's fault), `✗ 502`, `~ stream`, `⟳ wait`, `⊘ gone`."""
    match exchange.state:
        case "routing":
            return Mark(glyphs.waiting, _("route"), "busy")
        case "waiting":
            return Mark(glyphs.waiting, _("wait"), "busy")
        case "streaming":
            return Mark(glyphs.streaming, _("stream"), "busy")
        case "cancelled":
            return Mark(glyphs.cancelled, _("gone"), "off")
        case "failed":
            # A stream that broke had been answered with 200: the status alone would read as success.
            word = str(exchange.status) if exchange.status >= 400 else _("broken")
            return Mark(glyphs.failed, word, "error")
    return status_mark(exchange.status, glyphs)


def status_mark(status: int, glyphs: Glyphs) -> Mark:
    """An HTTP status that was sent or received; 0 is none."""
    if not status:
        return Mark(glyphs.failed, _("no answer"), "error")
    if status >= 500 or status == 429:
        return Mark(glyphs.failed, str(status), "error")
    return Mark(glyphs.refused, str(status), "warn") if status >= 400 else Mark(glyphs.ok, str(status), "ok")


_HEALTH: dict[Health, tuple[str, str, Tone]] = {
    "healthy": ("healthy", N_("healthy"), "ok"),
    "untried": ("untried", N_("untried"), "off"),
    "cooling": ("cooling", N_("cooling"), "warn"),
    "failing": ("failed", N_("failing"), "error"),
    "trial": ("trial", N_("trial"), "busy"),
    "disabled": ("disabled", N_("off"), "off"),
    "misconfigured": ("misconfigured", N_("config"), "error"),
}

HEALTH_WORDS: dict[Health, str] = {
    "healthy": N_("answers"),
    "untried": N_("has not answered yet"),
    "cooling": N_("waits until a known moment: rate limit or refused key"),
    "failing": N_("left out after failures"),
    "trial": N_("one real request is finding out whether it is back"),
    "disabled": N_("switched off"),
    "misconfigured": N_("out of service by the configuration"),
}
"""What each state means, for the detail and the legend."""


def health_mark(health: Health, glyphs: Glyphs) -> Mark:
    """`● healthy`, `✗ failing` and so on."""
    glyph, word, tone = _HEALTH[health]
    return Mark(str(getattr(glyphs, glyph)), _(word), tone)


_LEVELS: dict[Level, tuple[str, str, Tone]] = {
    "debug": ("untried", N_("debug"), "off"),
    "info": ("healthy", N_("info"), "plain"),
    "warning": ("refused", N_("warn"), "warn"),
    "error": ("failed", N_("error"), "error"),
}


def level_mark(level: Level, glyphs: Glyphs) -> Mark:
    """`✗ error` and so on."""
    glyph, word, tone = _LEVELS[level]
    return Mark(str(getattr(glyphs, glyph)), _(word), tone)


def legend(glyphs: Glyphs) -> str:
    """What every symbol means, one a line, for the help screen."""
    requests = [
        (glyphs.ok, "200", _("answered")),
        (glyphs.refused, "400", _("refused: the client's request was wrong")),
        (glyphs.failed, "502", _("failed, or the stream broke")),
        (glyphs.streaming, _("stream"), _("content is flowing")),
        (glyphs.waiting, _("wait"), _("sent upstream, no content yet")),
        (glyphs.cancelled, _("gone"), _("the client went away")),
    ]
    health = [(*health_mark(each, glyphs)[:2], _(words)) for each, words in HEALTH_WORDS.items()]
    return "\n".join(f"{glyph} {word:<10} {meaning}" for glyph, word, meaning in (*requests, *health))
