from __future__ import annotations

import json
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from cccc_tui import cli
from cccc_tui.config.edit import EditRefused
from cccc_tui.config.keystore import get_key, list_keys
from cccc_tui.config.load import load

Told = pytest.CaptureFixture[str]
KEY = "sk-or-0123456789abcdef"


@pytest.fixture(autouse=True)
def no_ring():
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def router(tmp_path: Path) -> str:
    """A configuration of claude-code-router."""
    provider = {"name": "mine", "api_base_url": "https://or.example/v1", "api_key": KEY, "models": ["a"]}
    path = tmp_path / "router.json"
    path.write_text(json.dumps({"Providers": [provider], "Router": {"think": "mine,a"}}))
    return str(path)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text('# mine\nendpoints:\n  - name: mine\n    url: "demo:"\n')
    path.chmod(0o600)
    return path


def test_endpoints_are_added_disabled_and_their_keys_are_kept_elsewhere(
    router: str, config: Path, capsys: Told
):
    assert cli.main(["import", router, "--yes", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert KEY not in told
    assert "Router.think" in told
    loaded = load(config)
    assert loaded.config is not None
    assert [(each.name, each.enabled) for each in loaded.config.endpoints] == [
        ("mine", True),
        ("mine-2", False),
    ]
    text = config.read_text()
    assert KEY not in text
    assert text.startswith("# mine\n")
    assert get_key("mine-2").reveal() == KEY


def test_what_is_there_already_is_not_taken_twice(router: str, config: Path, capsys: Told):
    cli.main(["import", router, "--yes", "--config", str(config)])
    before = config.read_text()
    assert cli.main(["import", router, "--yes", "--config", str(config)]) == 0
    assert "Nothing to take" in capsys.readouterr().out
    assert config.read_text() == before


def test_a_dry_run_writes_nothing_and_without_a_terminal_nothing_is_written_unasked(
    router: str, config: Path, capsys: Told
):
    before = config.read_text()
    assert cli.main(["import", router, "--dry-run", "--config", str(config)]) == 0
    assert "+ mine-2  openai  https://or.example/v1  ***" in capsys.readouterr().out
    assert cli.main(["import", router, "--config", str(config)]) == 2
    assert config.read_text() == before


def test_keys_may_be_written_as_they_are_and_endpoints_enabled(router: str, config: Path):
    assert (
        cli.main(["import", router, "--yes", "--enable", "--keys", "literal", "--config", str(config)]) == 0
    )
    assert KEY in config.read_text()
    loaded = load(config)
    assert loaded.config is not None
    assert loaded.config.endpoints[1].enabled


def test_a_source_that_nobody_knows_is_said(capsys: Told):
    assert cli.main(["import", "something"]) == 1
    assert "claude-code-router" in capsys.readouterr().err


def test_a_proxy_is_shown_and_its_password_kept_where_keys_are(tmp_path: Path, config: Path, capsys: Told):
    entry = {"name": "p", "base-url": "https://p.example/v1", "headers": {"X-Title": "me"}}
    path = tmp_path / "cliproxy.yaml"
    keys = [{"api-key": KEY, "proxy-url": "socks5://u:hunter2@127.0.0.1"}]
    path.write_text(json.dumps({"openai-compatibility": [{**entry, "api-key-entries": keys}]}))
    assert cli.main(["import", str(path), "--yes", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "by the proxy 127.0.0.1:1080" in told and "headers: X-Title" in told
    assert "hunter2" not in told + config.read_text()
    assert "keyring:p-proxy" in config.read_text()
    assert get_key("p-proxy").reveal() == "hunter2"


def test_an_endpoint_that_cannot_be_added_leaves_no_key_behind(
    router: str, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told
):
    def refuse(*_args: object) -> None:
        raise EditRefused("config.yaml cannot be written")

    monkeypatch.setattr("cccc_tui.config.edit.add_endpoint", refuse)
    assert cli.main(["import", router, "--yes", "--config", str(config)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert list_keys() == ()
