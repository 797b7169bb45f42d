"""Help for the place where it was asked, written from the action table, searchable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cccc_tui.locales import _
from cccc_tui.ui.actions import SCOPE_NAMES, Action, Scope, actions_of
from cccc_tui.ui.keys import Keymap, key_label

if TYPE_CHECKING:
    from cccc_tui.engine.control import EngineStatus
    from cccc_tui.ui.screens.live import LiveScreen
    from cccc_tui.ui.settings import UiSettings

KEY_WIDTH = 14
LABEL_WIDTH = 13


class HelpSection(NamedTuple):
    """A heading and its lines; a line with a key is set in columns."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """(key, text); the key is empty for plain text."""


class HelpScreen(ModalScreen[None]):
    """A page of sections with a search on top."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "#page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "leave", show=False),
        Binding("slash", "search", show=False),
        Binding("j,down", "scroll('scroll_down')", show=False),
        Binding("k,up", "scroll('scroll_up')", show=False),
        Binding("g,home", "scroll('scroll_home')", show=False),
        Binding("G,end", "scroll('scroll_end')", show=False),
        Binding("ctrl+d,pagedown,space", "scroll('scroll_page_down')", show=False),
        Binding("ctrl+u,pageup", "scroll('scroll_page_up')", show=False),
    ]

    def __init__(self, title: str, sections: Sequence[HelpSection]) -> None:
        super().__init__()
        self._page_title = title
        self._sections = tuple(sections)

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as frame:
            frame.border_title = self._page_title
            frame.border_subtitle = _("/ search   esc close")
            search = Input(placeholder=_("Search"), id="search")
            search.cursor_blink = False
            yield search
            with VerticalScroll(id="page"):
                yield Static(help_content(self._sections, ""), id="text", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one("#text", Static).update(help_content(self._sections, event.value))

    def on_input_submitted(self) -> None:
        self.query_one("#page").focus()

    def action_search(self) -> None:
        self.query_one("#search").focus()

    def action_leave(self) -> None:
        search = self.query_one("#search", Input)
        if search.has_focus and search.value:
            search.value = ""
        else:
            self.dismiss()

    def action_scroll(self, how: str) -> None:
        getattr(self.query_one("#page", VerticalScroll), how)(animate=False)


def help_content(sections: Sequence[HelpSection], search: str) -> Content:
    """The page; with a search only the lines that have all its words."""
    words = search.casefold().split()
    blocks = []
    for section in sections:
        lines = [line for line in section.lines if _matches(line, words)]
        if lines:
            title = Content.styled(section.title, "bold $primary")
            blocks.append(Content("\n").join([title, *(_line(*line) for line in lines)]))
    if not blocks:
        return Content.styled(_("Nothing here has these words."), "$dim")
    return Content("\n\n").join(blocks)


def help_sections(screen: LiveScreen) -> list[HelpSection]:
    """All of the page for a screen."""
    app, settings = screen.shell, screen.settings
    title = _(SCOPE_NAMES[screen.SCOPE])
    return [
        *key_sections(
            screen.SCOPE,
            title,
            screen.HAS_LIST,
            app.keymap,
            read_only=settings.read_only,
            ascii_only=settings.is_ascii,
        ),
        *text_section(_("More on {place}").format(place=title), screen.pane_help()),
        *text_section(_("Terminal"), terminal_notes()),
        *text_section(_("About"), about(app.control.status(), settings)),
    ]


def terminal_notes() -> str:
    """What a person must know about terminals, and cannot find out by trying."""
    return "\n".join(
        (
            _("Mouse: everything can be clicked. Hold shift to select text with the terminal itself."),
            _("Copying over SSH needs a terminal that knows OSC 52; in tmux: set -s set-clipboard on"),
            _("ctrl+z does not stop cccc, since the gateway would stop with it."),
        )
    )


def about(status: EngineStatus, settings: UiSettings) -> str:
    """Version and files."""
    facts = {
        _("Version"): status.version,
        _("Configuration"): status.config_path,
        _("Themes"): str(settings.themes_folder or _("shipped only")),
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def key_sections(
    scope: Scope, title: str, with_list: bool, keymap: Keymap, *, read_only: bool, ascii_only: bool
) -> list[HelpSection]:
    """The keys of a screen, of lists when it has one, and of every place."""
    groups = [(title, actions_of(scope)), (_("Everywhere"), actions_of("app"))]
    if with_list:
        groups.insert(1, (_("In lists"), actions_of("list")))
    return [
        HelpSection(name, tuple(_key_line(action, keymap, read_only, ascii_only) for action in actions))
        for name, actions in groups
        if actions
    ]


def text_section(title: str, text: str) -> list[HelpSection]:
    """Plain text as a section; none for no text."""
    return [HelpSection(title, tuple(("", line) for line in text.splitlines()))] if text else []


def _key_line(action: Action, keymap: Keymap, read_only: bool, ascii_only: bool) -> tuple[str, str]:
    keys = "  ".join(key_label(key, ascii_only=ascii_only) for key in keymap.keys_of(action))
    text = f"{_(action.label)}: {_(action.help)}"
    return keys, text + " " + _("(not in read-only mode)") if read_only and action.changes else text


def _line(key: str, text: str) -> Content:
    if not key:
        return Content("  " + text)
    label, colon, rest = text.partition(": ")
    shown = (
        Content.assemble((label.ljust(LABEL_WIDTH), "bold"), " ", (rest, "$dim")) if colon else Content(text)
    )
    return Content.assemble("  ", (key.ljust(KEY_WIDTH), "$state-busy"), shown)


def _matches(line: tuple[str, str], words: list[str]) -> bool:
    text = " ".join(line).casefold()
    return all(word in text for word in words)
