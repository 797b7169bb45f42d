"""The app below the control center: how it looks and how it ends, without any knowledge of the engine.

Themes are loaded, reloaded when a file is saved, and shown while they are marked in the palette. A crash is
logged and reported without local variables.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from rich.segment import Segments
from rich.traceback import Traceback
from textual.app import App
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import SystemModalScreen

from cccc_tui.locales import _
from cccc_tui.ui import themes
from cccc_tui.ui.toasts import Severity

log = logging.getLogger("cccc_tui.ui")


class ThemedApp(App[None], inherit_bindings=False):
    """An app with our themes, our driver and our crash report."""

    def __init__(self, theme: str, themes_folder: Path | None) -> None:
        super().__init__(driver_class=_driver_class())
        self.own_themes: tuple[str, ...] = ()
        """Names of the shipped and the user's themes."""
        self._themes_folder = themes_folder
        self._theme_files = themes.fingerprint(themes_folder)
        self._theme_problems: tuple[str, ...] = ()
        self._theme_before_preview = ""
        self._load_themes(theme)

    def say(self, text: str, severity: Severity = "information") -> None:
        """Tells the person something."""
        self.notify(text, severity=severity, markup=False)

    def theme_names(self) -> list[str]:
        """Ours first, then Textual's."""
        return [*self.own_themes, *sorted(set(self.available_themes) - set(self.own_themes))]

    def use_theme(self, name: str) -> None:
        self._theme_before_preview = ""
        self.theme = name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.completing_variables(self.current_theme)

    def reload_changed_themes(self) -> None:
        """Applies theme files that were saved since the last look."""
        found = themes.fingerprint(self._themes_folder)
        if found != self._theme_files:
            self._theme_files = found
            self._load_themes(self.theme)
            self.say_theme_problems()

    def say_theme_problems(self) -> None:
        """All that is wrong with the themes, in one message."""
        if self._theme_problems:
            self.say("\n".join(self._theme_problems), "warning")

    def _load_themes(self, wanted: str) -> None:
        loaded = themes.load_themes(self._themes_folder)
        self.own_themes = tuple(loaded.themes)
        self._theme_problems = loaded.problems
        for theme in loaded.themes.values():
            self.register_theme(theme)
        name = self._usable_theme(wanted)
        if name == self.theme:
            self._watch_theme(name)  # the same name may have other colours now
        self.theme = name

    def _usable_theme(self, wanted: str) -> str:
        if wanted not in self.available_themes:
            sentence = _("There is no theme {name}; {default} is used.")
            problem = sentence.format(name=wanted, default=themes.DEFAULT_THEME)
            self._theme_problems = (*self._theme_problems, problem)
            wanted = themes.DEFAULT_THEME
        if wanted == themes.DEFAULT_THEME and self.console.color_system == "standard":
            return themes.SIXTEEN_COLOURS_THEME
        return wanted

    def refresh_css(self, animate: bool = True) -> None:
        """New colours for all that is on screen. Textual leaves out its own dialogs, and with them the palette."""
        super().refresh_css(animate)
        if self.screen_stack and isinstance(self.screen, SystemModalScreen):
            self.stylesheet.update(self.screen, animate=animate)

    def on_command_palette_option_highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        """Shows a theme while its line is marked."""
        hit = getattr(event.highlighted_event.option, "hit", None)
        name = getattr(hit, "text", "").rpartition(": ")[2]
        if name in self.available_themes:
            self._theme_before_preview = self._theme_before_preview or self.theme
            self.theme = name
        elif self._theme_before_preview:
            self.theme = self._theme_before_preview

    def on_command_palette_closed(self, event: CommandPalette.Closed) -> None:
        if self._theme_before_preview and not event.option_selected:
            self.theme = self._theme_before_preview
        self._theme_before_preview = ""

    def _handle_exception(self, error: Exception) -> None:
        log.error("The control center has stopped: %s", error, exc_info=error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """As Textual does it, but without the local variables: they may hold what nobody should read."""
        self.bell()
        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()


def _driver_class() -> type[Driver] | None:
    """The never-blocking driver where there is one; Textual's own elsewhere."""
    if sys.platform == "win32":
        return None
    from cccc_tui.ui.driver import NeverBlockingDriver

    return NeverBlockingDriver
