from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cccc_tui.state.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "state" / "state.db")
    opened.open()
    yield opened
    opened.close()
