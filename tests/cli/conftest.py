"""What the tests of the command line share: a configuration file, and a runtime that notes what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cccc_tui import cli

Told = pytest.CaptureFixture[str]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], str]:
    """Writes a configuration and gives its path."""

    def write(text: str) -> str:
        path = tmp_path / "config.yaml"
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    return write


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What the runtime was asked to run, instead of running it; on a terminal."""
    from cccc_tui import runtime, terminal

    asked: list[tuple[str, object]] = []

    def note(name: str) -> Callable[..., int]:
        return lambda *args: asked.append((name, args)) or 0

    for name in ("serve", "control_center", "demo"):
        monkeypatch.setattr(runtime, name, note(name))
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    return asked


@pytest.fixture
def usage_error(capsys: Told) -> Callable[[list[str]], str]:
    """Runs what must be refused; what was said about it."""

    def run(argv: list[str]) -> str:
        with pytest.raises(SystemExit) as ended:
            cli.main(argv)
        assert ended.value.code == 2
        return capsys.readouterr().err

    return run


def connect(*arguments: str) -> int:
    """`cccc connect …`; its exit status."""
    return cli.main(["connect", *arguments])


def client_settings(own_home: Path, text: str = "{}\n") -> Path:
    """Claude Code's settings with this text."""
    path = own_home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def no_client(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    """No client is installed, and nobody listens."""
    monkeypatch.setattr("cccc_tui.connect.clients.shutil.which", lambda name: None)
    monkeypatch.chdir(own_home)
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
