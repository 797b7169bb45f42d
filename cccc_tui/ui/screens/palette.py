"""The command palette: every action, theme and language, found by plain words, with its key shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from cccc_tui.locales import _
from cccc_tui.ui.actions import ACTIONS, SCOPE_NAMES, Action, Scope
from cccc_tui.ui.keys import key_label

if TYPE_CHECKING:
    from cccc_tui.ui.app import ControlCenter

HIDDEN = ("app.palette", "list.down", "list.up", "list.page_down", "list.page_up")
"""Makes no sense from the palette."""

PALETTE_ORDER: dict[Scope, int] = {"app": 1, "list": 2}
"""What belongs to the place comes first; what every list has is known soonest, so it comes last."""

LANGUAGE_NAMES = {"en": "English", "zh_CN": "简体中文"}


class Command(NamedTuple):
    """One line of the palette."""

    text: str
    """What is searched and shown, `Endpoints: Test`."""
    key: str
    help: str
    run: Callable[[], object]


class Palette(CommandPalette):
    """Textual's palette with our commands only, and a cursor that holds still."""

    CSS_PATH = "palette.tcss"

    def __init__(self) -> None:
        super().__init__(providers=[Commands], placeholder=_("What do you want to do?"))

    def on_mount(self) -> None:
        for field in self.query(Input):
            field.cursor_blink = False


class Commands(Provider):
    """The commands that make sense for the screen from which the palette was opened."""

    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(
                _line(Content(command.text), command.key), command.run, command.text, command.help
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.text), matcher.match(f"{command.text} {command.help}") * 0.8)
            if score > 0:
                shown = _line(matcher.highlight(command.text), command.key)
                yield Hit(score, shown, command.run, command.text, command.help)

    def _commands(self) -> Iterator[Command]:
        app = cast("ControlCenter", self.app)
        yield from action_commands(app)
        yield from _profile_commands(app)
        for name in app.theme_names():
            text = _("Theme: {name}").format(name=name)
            yield Command(text, "", _("Use this theme until cccc ends."), partial(app.use_theme, name))
        for language, name in LANGUAGE_NAMES.items():
            text = _("Language: {name}").format(name=name)
            yield Command(
                text, "", _("Use this language until cccc ends."), partial(app.use_language, language)
            )


def _profile_commands(app: ControlCenter) -> Iterator[Command]:
    """One for each profile, the one in use marked, and one for none."""
    status = app.control.status()
    for name in (*status.profiles, ""):
        text = _("Profile: {name}").format(name=name or _("none, the file as it stands"))
        in_use = _("in use")
        shown = f"{text} ({in_use})" if name == status.profile else text
        help_text = _("Route and retry as it says from now on; requests in flight go on.")
        yield Command(shown, "", help_text, partial(app.use_profile, name))


def action_commands(app: ControlCenter) -> Iterator[Command]:
    """The actions, those that work here first."""
    here = app.live_screen
    works = [action for action in ACTIONS if here is not None and here.has_action(action)]
    works.sort(key=lambda action: PALETTE_ORDER.get(action.scope, 0))
    elsewhere = [action for action in ACTIONS if action not in works]
    for action in works + elsewhere:
        if action.id not in HIDDEN:
            yield _action_command(app, action)


def _action_command(app: ControlCenter, action: Action) -> Command:
    key = key_label(app.keymap.keys_of(action)[0], ascii_only=app.settings.is_ascii)
    text = f"{_(group_of(action))}: {_(action.label)}"
    return Command(text, key, _(action.help), partial(app.run_from_palette, action.id))


def group_of(action: Action) -> str:
    """The word before the colon."""
    return SCOPE_NAMES[action.scope]


def _line(text: Content, key: str) -> Content:
    return Content.assemble(text, "  ", (key, "bold $state-busy")) if key else text
