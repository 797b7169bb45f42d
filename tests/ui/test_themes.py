"""Themes: readable, complete, and never a reason not to start."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from cccc_tui.ui import themes
from cccc_tui.ui.themes import APP_COLOURS, READABLE, contrast, fingerprint, load_themes

SHIPPED = load_themes(None).themes
FULL_COLOUR = [theme for theme in SHIPPED.values() if not theme.ansi]
TEXT_COLOURS = ("text-primary", "text-success", "text-warning", "text-error", "text-accent", "text-muted")


def backgrounds(theme) -> dict[str, Color]:
    found = {name: Color.parse(getattr(theme, name)) for name in ("background", "surface", "panel")}
    return found | {"selection": Color.parse(theme.variables["selection"])}


def theme_file(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_the_shipped_themes_are_all_there():
    assert set(SHIPPED) == {"cccc-dark", "cccc-light", "high-contrast", "colour-blind-safe", "terminal"}
    assert load_themes(None).problems == ()


@pytest.mark.parametrize("theme", FULL_COLOUR, ids=lambda theme: theme.name)
def test_every_text_is_readable_on_every_background(theme):
    texts = {name: theme.variables[name] for name in (*APP_COLOURS, *TEXT_COLOURS)}
    texts["foreground"] = theme.foreground
    unreadable = {
        (name, where): round(contrast(Color.parse(value), background), 2)
        for name, value in texts.items()
        for where, background in backgrounds(theme).items()
        if contrast(Color.parse(value), background) < READABLE
    }
    assert unreadable == {}


def test_high_contrast_has_seven_to_one():
    theme = SHIPPED["high-contrast"]
    lowest = min(
        contrast(Color.parse(theme.variables[name]), background)
        for name in (*APP_COLOURS, *TEXT_COLOURS)
        for background in backgrounds(theme).values()
    )
    assert lowest >= 7


def deuteranope(colour: Color) -> tuple[float, float]:
    """Brightness and the blue-yellow part, all that is left without the green receptor."""
    red, green, blue = colour.normalized
    return 0.3 * red + 0.6 * green + 0.1 * blue, blue - (0.4 * red + 0.6 * green)


def test_states_differ_without_telling_red_from_green():
    variables = SHIPPED["colour-blind-safe"].variables
    seen = [deuteranope(Color.parse(variables[f"state-{state}"])) for state in ("ok", "warn", "error")]
    distances = [
        abs(one[0] - other[0]) + abs(one[1] - other[1])
        for place, one in enumerate(seen)
        for other in seen[place + 1 :]
    ]
    assert min(distances) > 0.2


def test_contrast_is_what_wcag_says():
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


def test_a_name_and_one_colour_are_enough(tmp_path):
    theme_file(tmp_path, "mine.yaml", 'name: mine\nprimary: "#ff00aa"\n')
    mine = load_themes(tmp_path).themes["mine"]
    assert set(APP_COLOURS) <= set(mine.variables)
    assert mine.primary == "#FF00AA"


def test_a_user_theme_replaces_the_shipped_one_of_its_name(tmp_path):
    theme_file(tmp_path, "x.yaml", 'name: cccc-dark\nprimary: "#123456"\n')
    assert load_themes(tmp_path).themes["cccc-dark"].primary == "#123456"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("primary: [", "expected"),
        ("- a list", "object"),
        ("name: x\n", "primary"),
        ('name: x\nprimary: "#12"\n', "primary: '#12' is no colour"),
        ('name: x\nprimary: "#123456"\nprimry: "#123456"\n', "primry"),
        ("name: x\nprimary: ansi_red\n", "does not fit here"),
        ('name: x\nprimary: "#123456"\nvariables: {state-ok: nope}\n', "variables.state-ok"),
        ("\xff\xfe", "x.yaml"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, text, says):
    (tmp_path / "x.yaml").write_bytes(text.encode("latin-1"))
    loaded = load_themes(tmp_path)
    assert len(loaded.problems) == 1
    assert "x.yaml" in loaded.problems[0]
    assert says in loaded.problems[0]
    assert set(loaded.themes) == set(SHIPPED)


def test_all_wrong_files_are_said_at_once(tmp_path):
    theme_file(tmp_path, "a.yaml", "name: 3")
    theme_file(tmp_path, "b.yml", "{}")
    theme_file(tmp_path, "notes.txt", "no theme")
    assert [problem.split(":")[0] for problem in load_themes(tmp_path).problems] == ["a.yaml", "b.yml"]


def test_a_saved_file_changes_the_fingerprint(tmp_path):
    assert fingerprint(None) == ()
    assert fingerprint(tmp_path / "none") == ()
    theme_file(tmp_path, "a.yaml", "x")
    before = fingerprint(tmp_path)
    theme_file(tmp_path, "b.yaml", "x")
    assert fingerprint(tmp_path) != before


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=lambda theme: theme.name)
def test_a_theme_of_textual_gets_our_colours_too(theme):
    assert set(APP_COLOURS) <= set(themes.completing_variables(theme))


def test_the_terminals_own_theme_mixes_no_colours():
    terminal = SHIPPED["terminal"]
    assert all(terminal.variables[name].startswith("ansi_") for name in APP_COLOURS)
