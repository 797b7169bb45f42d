"""The pages of docs/ that are made from the code: `make docs` writes them, a test holds them to it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.publication import speed_page
from cccc_tui import locales
from cccc_tui.config.documentation import documentation
from cccc_tui.ui.keys import key_table
from cccc_tui.wire import dropped, unsaid
from tests.error_page import error_page

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"

KEYS_LEAD = """# Keys

Every key can be changed by its id in `ui.keymap` of the configuration, for example `requests.follow: "F"`; a clash or an
id that does not exist is said at the start.

"""

CONFIGURATION_LEAD = """# Every key of the configuration

[config.example.yaml](../config.example.yaml) is a file with all of them; `cccc check` says what is wrong with yours.

"""


def config_table() -> str:
    """Every key of the configuration with what it takes, its default and its sentence."""
    rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for row in documentation():
        key, takes, default = (
            f"`{_escaped(cell)}`" if cell else "" for cell in (row.key, row.type, row.default)
        )
        rows.append(f"| {key} | {takes} | {default} | {_escaped(row.sentence)} |")
    return "\n".join(rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def pages() -> dict[Path, str]:
    """The pages that are made as a whole."""
    lead = (
        "# What a conversion leaves out\n\n"
        "A request in the format of its endpoint passes untouched. Where cccc has to say it in another format, "
        "this is what has no counterpart there, field by field and type by type, for each of the three formats; "
        "everything else is converted. What a request really lost is noted on its attempt, in its details.\n\n"
    )
    locales.use("en")
    return {
        DOCS / "dropped.md": lead + dropped.as_markdown() + "\n" + unsaid.as_markdown(),
        DOCS / "errors.md": error_page(),
        DOCS / "keys.md": KEYS_LEAD + key_table().strip() + "\n",
        DOCS / "configuration.md": CONFIGURATION_LEAD + config_table() + "\n",
        DOCS / "speed.md": speed_page(),
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, "utf-8")
