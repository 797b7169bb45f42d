from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cccc_tui import cli
from tests.made_pages import DOCS, README, pages

ROOT = README.parent
TEXT = README.read_text("utf-8")
WRITTEN = TEXT + (DOCS / "routing.md").read_text("utf-8")
"""What is written by hand."""


def commands() -> list[list[str]]:
    """The `cccc …` lines of the shell blocks."""
    blocks = re.findall(r"```(?:sh|bash|shell)\n(.*?)```", WRITTEN, re.DOTALL)
    lines = (line.partition(" #")[0].strip() for block in blocks for line in block.splitlines())
    return [shlex.split(line)[1:] for line in lines if re.match(r"cccc( |$)", line)]


def test_the_pages_are_what_the_code_says():
    for page, text in pages().items():
        assert page.read_text("utf-8") == text, "run `make docs`"


def test_the_readme_leads_to_every_page():
    assert all(f"(docs/{page.name})" in TEXT for page in DOCS.glob("*.md"))


def test_a_stranger_learns_what_it_is_and_how_to_run_it_before_anything_else():
    first_screenful = TEXT.splitlines()[:12]
    assert any("make run" in line for line in first_screenful)
    assert any("screenshots/overview.svg" in line for line in first_screenful)


def test_every_cccc_command_is_one_that_the_command_line_knows():
    assert len(commands()) >= 5
    for command in commands():
        if command != ["--version"]:
            cli.build_parser().parse_args(command)


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE))
    assert {"run", "test"} <= named
    assert named <= targets


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)\)", TEXT))))
def test_every_file_that_is_linked_is_there(link: str):
    assert (ROOT / Path(link)).exists()


def test_every_link_inside_the_page_has_its_heading():
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
