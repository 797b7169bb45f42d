"""The tables of the README, made from the code: `make docs` writes them, a test holds them to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from cccc_tui import locales
from cccc_tui.config.documentation import documentation
from cccc_tui.ui.keys import key_table

README = Path(__file__).parent.parent / "README.md"


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


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
