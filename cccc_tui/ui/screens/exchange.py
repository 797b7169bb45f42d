"""One request in full: what came, what went upstream, what was answered, when, by whom and why by them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.transcript import Transcript
from cccc_tui.ui.render.cells import Line, Run
from cccc_tui.ui.render.document import Document
from cccc_tui.ui.render.exchange_parts import PARTS, Look, facts_line, head_line, part
from cccc_tui.ui.render.glyphs import glyphs
from cccc_tui.ui.render.status import legend
from cccc_tui.ui.screens.live import LiveScreen
from cccc_tui.ui.widgets.filter_bar import FilterBar
from cccc_tui.ui.widgets.key_bar import Hint, hints_of
from cccc_tui.ui.widgets.lines import Lines
from cccc_tui.ui.widgets.list_keys import ListKeys, Pane, pane_of
from cccc_tui.ui.widgets.tabs import Tabs
from cccc_tui.ui.widgets.text_view import TextView

MOVING_PARTS = ("timing", "attempts", "route")
"""Parts whose text changes as a whole while the request runs."""


class ExchangeScreen(ListKeys, LiveScreen):
    """The detail. It keeps its exchange, so that it can be read on after the ring has dropped it."""

    SCOPE = "exchange"
    TITLE_TEXT = N_("Request")
    HAS_LIST = True
    CSS_PATH = "exchange.tcss"

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.part_name = "response"
        self.is_raw = False
        self._transcript = Transcript()
        self._shown_part: tuple[object, ...] = ()

    def compose_body(self) -> ComposeResult:
        self.symbols = glyphs(self.settings.is_ascii)
        self.head = Lines(id="head")
        self.tabs = Tabs(PARTS)
        self.received = TextView(id="received")
        self.text = TextView(id="text")
        self.search_bar = FilterBar(_("searches, n and N go on"), _("text to find"), id="search")
        yield self.head
        yield self.tabs
        with Horizontal(id="texts"):
            yield self.received
            yield self.text
        yield self.search_bar

    def on_mount(self) -> None:
        self.text.focus()
        self.show_part(self.part_name)

    def crumbs(self) -> tuple[str, ...]:
        return (
            _("Requests"),
            f"#{self.exchange.id}",
            next(_(title) for name, title in PARTS if name == self.part_name),
        )

    def pane_help(self) -> str:
        return "\n\n".join((_("Symbols"), legend(self.symbols)))

    def key_hints(self) -> list[Hint]:
        """Its own keys, and how to leave; those of lists mean little in a text."""
        if isinstance(self.focused, Input):
            return super().key_hints()
        settings = self.settings
        own = hints_of(
            "exchange",
            False,
            self.shell.keymap,
            read_only=settings.read_only,
            ascii_only=settings.is_ascii,
        )
        return [Hint("esc", _("Back"), "app.back"), *own]

    # What is shown

    def pull(self) -> None:
        look = self._look()
        self.head.show([head_line(self.exchange, look), facts_line(self.exchange)])
        self.tabs.show(self.part_name, self._note())
        body = self.exchange.response_body
        if body is not None:
            self._transcript.read(body, self.exchange.is_over)
        if self._state() != self._shown_part:
            self._show_document(grows=self._shown_part[:2] == self._state()[:2])

    def show_part(self, name: str) -> None:
        """Shows another part, from its beginning; an answer that is still coming from its end."""
        self.part_name = name
        self.set_class(name == "sent", "-sent")
        self._shown_part = ()
        self.search_bar.show_counts(())
        if self.is_mounted:
            self.shell.pull_now()

    def _show_document(self, grows: bool) -> None:
        self._shown_part = self._state()
        self.text.show(part(self.part_name, self.exchange, self._transcript, self._look()), grows=grows)
        if self.part_name == "sent":
            self.received.show(part("request", self.exchange, self._transcript, self._look()), grows=grows)
        if not grows and self.part_name == "response" and not self.exchange.is_over:
            self.text.follow()

    def _state(self) -> tuple[object, ...]:
        """All that the shown text depends on; the first two are what the person chose."""
        exchange = self.exchange
        size = exchange.response_bytes, len(self._transcript.events), exchange.state, len(exchange.attempts)
        moment = self.now() if self.part_name in MOVING_PARTS and not exchange.is_over else 0
        return self.part_name, self.is_raw, self.size.width, *size, moment

    def _look(self) -> Look:
        return Look(self.now(), max(20, self.size.width - 4), self.symbols, self.is_raw)

    def _note(self) -> str:
        notes = [_("raw")] if self.is_raw else []
        if self.part_name == "response" and not self.exchange.is_over:
            notes.append(_("live, follows") if self.text.is_following else _("live, G follows"))
        return " · ".join(notes)

    # Keys

    def pane(self) -> Pane | None:
        return pane_of(self.focused, self.text)

    def leave(self) -> bool:
        """Closes the search."""
        if self.search_bar.is_open or self.search_bar.text:
            self.search_bar.clear()
            self.search_bar.close()
            self.text.focus()
            return True
        return False

    def action_list_last(self) -> None:
        super().action_list_last()
        if self.part_name == "response" and not self.exchange.is_over:
            self.text.follow()

    def action_list_up(self) -> None:
        self.text.follow(False)
        super().action_list_up()

    def action_list_open(self) -> None:
        """There is nothing to open in a text: enter goes on to the next part."""
        self._step(1)

    def action_list_filter(self) -> None:
        self.action_exchange_search()

    def action_list_sort(self) -> None:
        self.shell.say(_("A text has no order to change; ] goes to the next part."))

    def action_list_sort_reverse(self) -> None:
        self.action_list_sort()

    def action_exchange_next_tab(self) -> None:
        self._step(1)

    def action_exchange_previous_tab(self) -> None:
        self._step(-1)

    def _step(self, step: int) -> None:
        names = [name for name, _title in PARTS]
        self.show_part(names[(names.index(self.part_name) + step) % len(names)])

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        self.show_part(event.name)

    def action_exchange_raw(self) -> None:
        self.is_raw = not self.is_raw
        self.show_part(self.part_name)

    def action_exchange_copy(self) -> None:
        self.shell.copy("\n".join(self.text.document.texts))

    def action_exchange_edit(self) -> None:
        suffix = ".json" if _is_json(self.text.document) else ".txt"
        self.shell.show_text_in_editor("\n".join(self.text.document.texts), suffix)

    # The search

    def action_exchange_search(self) -> None:
        self.search_bar.add_class("-shown")
        self.search_bar.open()

    def action_exchange_next_hit(self) -> None:
        self._go_to_hit(1)

    def action_exchange_previous_hit(self) -> None:
        self._go_to_hit(-1)

    def _go_to_hit(self, step: int) -> None:
        if self.text.hits:
            self.text.next_hit(step)
        elif needle := self.search_bar.text:
            self.shell.say(_("No hit for {text} in this part.").format(text=needle))
        else:
            self.shell.say(_("Nothing is searched for. Press / first."))

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.text.search(event.text)

    def on_filter_bar_closed(self) -> None:
        self.search_bar.set_class(bool(self.search_bar.text), "-shown")
        self.text.focus()

    def on_text_view_searched(self) -> None:
        self.search_bar.show_counts(hits_line(self.text, self.search_bar.text))


def hits_line(text: TextView, needle: str) -> Line:
    """`3 of 17`, or that there is none."""
    if not needle:
        return ()
    if not text.hits:
        return (Run(_("no hit"), "warn"),)
    return (Run(_("{number} of {count}").format(number=text.hit_number + 1, count=len(text.hits))),)


def _is_json(document: Document) -> bool:
    return bool(document.texts) and document.texts[0].startswith(("{", "["))
