"""Themes: YAML files, checked and completed, made into Textual's.

A theme needs a name and a primary colour; the rest is derived. Besides Textual's own variables, every theme
has the app's (`APP_COLOURS`), so that no stylesheet and no screen names a colour. A user's file replaces a
shipped theme of the same name. Whatever is wrong in the files is said at once, and the good ones are used.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

DEFAULT_THEME = "cccc-dark"
SIXTEEN_COLOURS_THEME = "terminal"

APP_COLOURS = (
    "state-ok",
    "state-warn",
    "state-error",
    "state-off",
    "state-busy",
    "client-claude-code",
    "client-codex",
    "client-openai-sdk",
    "client-anthropic-sdk",
    "client-other",
    "graph",
    "dim",
    "selection-text",
)
"""Colours of text that every theme has besides Textual's. `selection` and `rule` are a background and a
line."""

READABLE = 4.5
"""Least contrast of text, WCAG 2 level AA."""


class ThemeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme as its file says it."""

    name: str
    primary: str
    dark: bool = True
    ansi: bool = False
    """Whether the colours are the terminal's own sixteen, `ansi_red` and the like."""
    secondary: str | None = None
    accent: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    success: str | None = None
    warning: str | None = None
    error: str | None = None
    variables: dict[str, str] = {}
    """Any further variable, Textual's or ours."""


class LoadedThemes(NamedTuple):
    """The themes by name, and a sentence for each file that is not used."""

    themes: dict[str, Theme]
    problems: tuple[str, ...]


class Palette(NamedTuple):
    """The base colours of a theme, complete."""

    primary: Color
    secondary: Color
    accent: Color
    foreground: Color
    background: Color
    surface: Color
    panel: Color
    success: Color
    warning: Color
    error: Color

    @property
    def selection(self) -> Color:
        """Background of the selected line: near enough to the background that every text colour stays
        readable."""
        return self.background.blend(self.primary, 0.22, alpha=1.0)


_DARK = {
    "foreground": "#d8dee6",
    "background": "#101419",
    "success": "#7ad18c",
    "warning": "#e3bd6e",
    "error": "#ff8078",
}
_LIGHT = {
    "foreground": "#22262c",
    "background": "#fafaf8",
    "success": "#176331",
    "warning": "#734d00",
    "error": "#ad231c",
}


def shipped_folder() -> Path:
    """The themes that come with cccc: in the wheel inside the package, in a checkout beside it."""
    packed = Path(__file__).parents[1] / "_themes"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "themes"


def load_themes(user_folder: Path | None) -> LoadedThemes:
    """All themes, the user's after the shipped ones so that they win."""
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in filter(None, (shipped_folder(), user_folder)):
        for path in theme_files(folder):
            try:
                theme = read_theme(path)
            except (OSError, ValueError) as error:
                problems.append(f"{path.name}: {_first_line(error)}")
            else:
                themes[theme.name] = theme
    return LoadedThemes(themes, tuple(problems))


def theme_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in order; none when there is no such folder."""
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))


def fingerprint(folder: Path | None) -> tuple[tuple[str, int], ...]:
    """Changes when a theme file is added, saved or removed. A link is followed: editors replace what it
    points to."""
    if folder is None:
        return ()
    found = []
    for path in theme_files(folder):
        try:
            found.append((path.name, path.stat().st_mtime_ns))
        except FileNotFoundError:  # gone between listing and looking: an editor is replacing it
            continue
    return tuple(found)


def read_theme(path: Path) -> Theme:
    """The theme of one file; a ValueError says what is wrong with it."""
    file = msgspec.yaml.decode(path.read_bytes(), type=ThemeFile)
    _check_colours(file)
    return ansi_theme(file) if file.ansi else rgb_theme(file)


def rgb_theme(file: ThemeFile) -> Theme:
    """A theme in full colour, with everything derived that the file leaves out."""
    palette = _complete(file)
    base = {name: colour.hex for name, colour in palette._asdict().items()}
    return Theme(name=file.name, dark=file.dark, variables=_variables(palette) | file.variables, **base)


def ansi_theme(file: ThemeFile) -> Theme:
    """A theme of the terminal's own colours: nothing can be mixed, so names stand for names."""
    foreground, success = file.foreground or "ansi_default", file.success or "ansi_green"
    warning, error = file.warning or "ansi_yellow", file.error or "ansi_red"
    secondary, accent = file.secondary or file.primary, file.accent or file.primary
    variables = dict.fromkeys(APP_COLOURS, foreground) | {
        "state-ok": success,
        "state-warn": warning,
        "state-error": error,
        "state-busy": secondary,
        "client-claude-code": accent,
        "client-codex": file.primary,
        "client-openai-sdk": success,
        "client-anthropic-sdk": secondary,
        "graph": file.primary,
        "rule": "ansi_bright_black",
        "selection": "ansi_blue",
        "selection-text": "ansi_bright_white",
        "ansi-background": "ansi_black" if file.dark else "ansi_white",
        "ansi-foreground": "ansi_white" if file.dark else "ansi_black",
    }
    variables |= file.variables
    variables |= {
        "block-cursor-background": variables["selection"],
        "block-cursor-foreground": variables["selection-text"],
        "block-cursor-blurred-background": variables["selection"],
        "block-cursor-blurred-foreground": variables["selection-text"],
    }
    return Theme(
        name=file.name,
        dark=file.dark,
        ansi=True,
        primary=file.primary,
        secondary=secondary,
        accent=accent,
        foreground=foreground,
        background=file.background or "ansi_default",
        surface=file.surface or "ansi_default",
        panel=file.panel or "ansi_default",
        boost="ansi_default",
        success=success,
        warning=warning,
        error=error,
        variables=variables,
    )


def completing_variables(theme: Theme) -> dict[str, str]:
    """The app's variables for a theme that does not know them, one of Textual's own."""
    if "state-ok" in theme.variables:
        return {}
    base = {name: getattr(theme, name) for name in Palette._fields}
    file = ThemeFile(name=theme.name, dark=theme.dark, ansi=theme.ansi, **base)
    return (ansi_theme if theme.ansi else rgb_theme)(file).variables


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two opaque colours as WCAG 2 defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: Color, backgrounds: tuple[Color, ...], towards: Color, ratio: float = READABLE) -> Color:
    """`colour`, mixed with `towards` as little as makes it readable on every background."""
    for step in range(21):
        mixed = colour.blend(towards, step / 20, alpha=1.0)
        if all(contrast(mixed, background) >= ratio for background in backgrounds):
            return mixed
    return towards


def _complete(file: ThemeFile) -> Palette:
    defaults = _DARK if file.dark else _LIGHT
    given = {
        name: Color.parse(value)
        for name, value in msgspec.structs.asdict(file).items()
        if name in Palette._fields and value
    }
    found = {name: Color.parse(value) for name, value in defaults.items()} | given
    background, foreground, primary = found["background"], found["foreground"], found["primary"]
    found.setdefault("surface", background.blend(foreground, 0.03, alpha=1.0))
    found.setdefault("panel", background.blend(foreground, 0.07, alpha=1.0))
    found.setdefault("secondary", primary.blend(found["error"], 0.35, alpha=1.0))
    found.setdefault("accent", found["warning"])
    return Palette(**found)


def _variables(palette: Palette) -> dict[str, str]:
    """The app's colours and those of Textual's that must be readable."""
    selection, foreground = palette.selection, palette.foreground
    backgrounds = (palette.background, palette.surface, palette.panel, selection)

    def text(colour: Color) -> str:
        return readable(colour, backgrounds, foreground).hex

    dim = text(palette.background.blend(foreground, 0.6, alpha=1.0))
    return {
        "state-ok": text(palette.success),
        "state-warn": text(palette.warning),
        "state-error": text(palette.error),
        "state-off": dim,
        "state-busy": text(palette.primary),
        "client-claude-code": text(palette.accent),
        "client-codex": text(palette.primary),
        "client-openai-sdk": text(palette.success),
        "client-anthropic-sdk": text(palette.secondary),
        "client-other": dim,
        "graph": palette.primary.hex,
        "dim": dim,
        "rule": palette.background.blend(foreground, 0.22, alpha=1.0).hex,
        "selection": selection.hex,
        "selection-text": foreground.hex,
        "text": foreground.hex,
        "text-muted": dim,
        "text-primary": text(palette.primary),
        "text-secondary": text(palette.secondary),
        "text-accent": text(palette.accent),
        "text-success": text(palette.success),
        "text-warning": text(palette.warning),
        "text-error": text(palette.error),
        "block-cursor-background": selection.hex,
        "block-cursor-foreground": foreground.hex,
        "block-cursor-blurred-background": palette.panel.hex,
        "block-cursor-blurred-foreground": foreground.hex,
        "border": palette.primary.hex,
        "border-blurred": palette.background.blend(foreground, 0.22, alpha=1.0).hex,
        "scrollbar": palette.background.blend(foreground, 0.3, alpha=1.0).hex,
        "scrollbar-hover": palette.background.blend(foreground, 0.45, alpha=1.0).hex,
        "scrollbar-active": palette.primary.hex,
        "scrollbar-background": palette.background.hex,
        "scrollbar-background-hover": palette.background.hex,
        "scrollbar-background-active": palette.background.hex,
        "scrollbar-corner-color": palette.background.hex,
        "input-selection-background": palette.background.blend(palette.primary, 0.35, alpha=1.0).hex,
        "screen-selection-background": palette.background.blend(palette.primary, 0.35, alpha=1.0).hex,
    }


def _check_colours(file: ThemeFile) -> None:
    for key, value in msgspec.structs.asdict(file).items():
        if key in Palette._fields and value is not None:
            _check_colour(key, value, file.ansi)
    for key, value in file.variables.items():
        if key in APP_COLOURS:
            _check_colour(f"variables.{key}", value, file.ansi)


def _check_colour(key: str, value: str, ansi: bool) -> None:
    try:
        colour = Color.parse(value)
    except ColorParseError as error:
        raise ValueError(f"{key}: {value!r} is no colour; write it like '#6cb6ff'.") from error
    if (colour.ansi is not None) != ansi:
        wanted = "one of the terminal's own, like ansi_blue" if ansi else "a full colour, like '#6cb6ff'"
        raise ValueError(f"{key}: {value!r} does not fit here; it must be {wanted}.")


def _luminance(colour: Color) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())
