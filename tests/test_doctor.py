from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from cccc_tui.doctor import Line, examine
from tests.fakes.upstream import refusing_url


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr("cccc_tui.connect.clients.shutil.which", lambda name: None)
    monkeypatch.chdir(tmp_path)
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def look(tmp_path: Path, text: str, mode: int = 0o600, **env: str) -> list[Line]:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    path.chmod(mode)
    return list(examine(path, {"TERM": "xterm", **env}))


def only(lines: list[Line], check: str) -> Line:
    (line,) = [each for each in lines if each.check == check]
    return line


def endpoint(url: str) -> str:
    return f"endpoints:\n  - name: one\n    url: {url}\n"


def test_everything_is_looked_at(tmp_path: Path, free_port: int):
    lines = look(tmp_path, f"server:\n  port: {free_port}\n")
    checks = {line.check for line in lines}
    assert {
        "versions",
        "paths",
        "configuration",
        "permissions",
        "port",
        "keyring",
        "terminal",
        "clients",
    } <= checks
    assert all(line.remedy for line in lines if line.verdict != "pass")


def test_a_broken_configuration_fails_with_its_line(tmp_path: Path):
    line = only(look(tmp_path, "server:\n  prot: 1\n"), "configuration")
    assert line.verdict == "fail"
    assert "config.yaml:2" in line.text


def test_a_port_that_a_broken_configuration_hides_is_not_guessed(tmp_path: Path):
    line = only(look(tmp_path, "server:\n  port: 9001\n  prot: 1\n"), "port")
    assert (line.verdict, line.remedy) == ("warn", "Mend the configuration first.")
    assert "8080" not in line.text


def test_files_that_others_can_read_are_named(tmp_path: Path):
    line = only(look(tmp_path, "endpoints: []\n", mode=0o644), "permissions")
    assert (line.verdict, line.remedy) == ("warn", f"chmod 600 {tmp_path / 'config.yaml'}")


def test_a_port_that_somebody_else_has_fails(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        line = only(look(tmp_path, f"server:\n  port: {taken.getsockname()[1]}\n"), "port")
    assert line.verdict == "fail"


def test_an_endpoint_that_nobody_answers_at_fails(tmp_path: Path):
    with refusing_url() as url:
        assert only(look(tmp_path, endpoint(url)), "endpoints").verdict == "fail"


@pytest.mark.parametrize(("date", "verdict"), [("Thu, 01 Jan 2015 00:00:00 GMT", "warn"), ("now", "pass")])
def test_the_clock_is_compared_with_what_an_endpoint_says(tmp_path: Path, date: str, verdict: str):
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(404)
            self.send_header("Date", self.date_time_string() if date == "now" else date)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        lines = look(tmp_path, endpoint(f"http://127.0.0.1:{server.server_port}"))
        server.shutdown()
        thread.join()
    assert only(lines, "endpoints").verdict == "pass"
    assert only(lines, "clock").verdict == verdict


def test_a_client_that_points_elsewhere_is_named_with_the_way_to_change_it(tmp_path: Path, own_home: Path):
    (own_home / ".claude").mkdir()
    (own_home / ".claude" / "settings.json").write_text(
        '{"env": {"ANTHROPIC_BASE_URL": "http://localhost:3456"}}'
    )
    (own_home / ".codex").mkdir()
    (own_home / ".codex" / "config.toml").write_text("broken = \n")
    first, second = [line for line in look(tmp_path, "endpoints: []\n") if line.check == "clients"]
    assert (first.verdict, first.remedy) == ("warn", "To lead it to cccc: cccc connect claude")
    assert "claude-code-router" in first.text
    assert second.verdict == "fail"
    assert "config.toml:1" in second.text


def test_what_keeps_codex_from_starting_is_told_from_what_connecting_mends(tmp_path: Path, own_home: Path):
    (own_home / ".codex").mkdir()
    (own_home / ".codex" / "config.toml").write_text('profile = "x"\nopenai_base_url = "https://o.example"\n')
    lines = [line for line in look(tmp_path, "endpoints: []\n") if "Codex" in line.text]
    assert [line.remedy.split(":")[0] for line in lines] == ["To lead it to cccc", "Mend this by hand"]
    assert "profile = " in lines[1].text


def test_a_terminal_that_can_draw_nothing_is_said(tmp_path: Path):
    assert only(look(tmp_path, "endpoints: []\n", TERM="dumb"), "terminal").verdict == "warn"
