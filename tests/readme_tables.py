"""The tables of the README and the pages of docs/ that are made from the code: `make docs` writes them, a test
holds them to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from cccc_tui import locales
from cccc_tui.config.documentation import documentation
from cccc_tui.ui.keys import key_table
from cccc_tui.wire import dropped, unsaid
from tests.error_page import error_page

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


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


TABLES: dict[str, Callable[[], str]] = {"keys": key_table, "configuration": config_table}


def filled(text: str) -> str:
    """`text` with what stands between `<!-- name -->` and `<!-- /name -->` made anew."""
    locales.use("en")
    for name, table in TABLES.items():
        block = f"<!-- {name} -->\n\n{table().strip()}\n\n<!-- /{name} -->"
        text, count = re.subn(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _: block, text, flags=re.DOTALL)  # noqa: B023
        assert count == 1, f"README.md has {count} places for the table of {name}"
    return text


def pages() -> dict[Path, str]:
    """The pages that are made as a whole."""
    lead = (
        "# What a conversion leaves out\n\n"
        "A request in the format of its endpoint passes untouched. Where cccc has to say it in another format, "
        "this is what has no counterpart there, field by field and type by type, for each of the three formats; "
        "everything else is converted. What a request really lost is noted on its attempt, in its details.\n\n"
    )
    docs = ROOT / "docs"
    return {
        docs / "dropped.md": lead + dropped.as_markdown() + "\n" + unsaid.as_markdown(),
        docs / "errors.md": error_page(),
    }


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
    for page, text in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, "utf-8")
