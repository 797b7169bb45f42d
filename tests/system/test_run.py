"""`cccc` without a terminal, as a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.program import running

pytestmark = pytest.mark.system


@pytest.mark.parametrize("arguments", [[], ["demo"]])
async def test_without_a_terminal_one_sentence_names_serve(tmp_path: Path, arguments: list[str]):
    async with running(*arguments, home=tmp_path) as program:
        assert await program.ended() == 2
    assert len(program.lines) == 1
    assert "cccc --serve" in program.lines[0]


async def test_a_refusal_leaves_no_file_behind(tmp_path: Path):
    async with running(home=tmp_path) as program:
        await program.ended()
    assert list(tmp_path.iterdir()) == []


async def test_serve_loads_neither_textual_nor_rich(tmp_path: Path):
    """Python lists its imports on stderr, those of the running server included."""
    (tmp_path / "config.yaml").write_text('endpoints:\n  - name: demo\n    url: "demo:"\n')
    async with running("--serve", "--port", "0", home=tmp_path, PYTHONPROFILEIMPORTTIME="1") as program:
        await program.address()
        program.process.terminate()
        assert await program.ended() == 0
    imported = {line.rpartition("|")[2].strip() for line in program.lines if line.startswith("import time:")}
    assert "cccc_tui.engine.core" in imported
    assert not {name for name in imported if name.partition(".")[0] in ("textual", "rich")}
