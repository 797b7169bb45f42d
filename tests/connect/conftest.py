"""What the tests of client set-up share: the corpus of configuration files, and a gateway that need not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui.connect import clients
from cccc_tui.connect.clients import Gateway


@pytest.fixture
def gateway() -> Gateway:
    return Gateway("http://127.0.0.1:8080")


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program is started, and no proxy or folder of the one who runs the tests is seen."""
    monkeypatch.setattr(clients.shutil, "which", lambda name: None)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
