from __future__ import annotations

from pathlib import Path

import pytest

from cccc_tui import first_run
from cccc_tui.config.load import load
from cccc_tui.discovery import Found, LocalServer
from cccc_tui.first_run import offer_of, write_first_config

OLLAMA = Found(LocalServer("Ollama", 11434), ("qwen3", "gemma", "phi", "llama"))


@pytest.fixture
def asked_ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Finds an Ollama without looking, and notes which port was left out."""
    ports: list[int] = []

    async def find(own_port: int) -> tuple[Found, ...]:
        ports.append(own_port)
        return (OLLAMA,)

    monkeypatch.setattr(first_run, "find_local_servers", find)
    return ports


def test_what_is_found_is_offered_but_only_the_demo_is_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_ports: list[int]
):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-not-in-the-file")
    path = tmp_path / "new" / "config.yaml"
    words = "\n".join(write_first_config(path))
    config = load(path).config
    assert config is not None
    assert [each.name for each in config.endpoints if each.enabled] == ["demo"]
    assert {"ollama", "anthropic", "openai"} <= {each.name for each in config.endpoints}
    assert "sk-ant" not in path.read_text()
    assert str(path) in words
    assert "Ollama answers on port 11434 (qwen3, gemma, phi, …)" in words
    assert "ANTHROPIC_API_KEY is set" in words
    assert words.count("enabled: true") == 2


def test_the_port_that_cccc_will_listen_on_is_not_asked(tmp_path: Path, asked_ports: list[int]):
    write_first_config(tmp_path / "a.yaml")
    write_first_config(tmp_path / "b.yaml", 8000)
    assert asked_ports == [8080, 8000]


def test_a_local_server_is_offered_without_a_key():
    offer = offer_of(OLLAMA)
    assert (offer.name, offer.url, offer.kind, offer.auth) == (
        "ollama",
        "http://127.0.0.1:11434/v1",
        "openai",
        "",
    )


def test_a_name_with_a_space_becomes_a_plain_one():
    assert offer_of(Found(LocalServer("LM Studio", 1234), ("m",))).name == "lm-studio"
