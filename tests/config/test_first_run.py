from pathlib import Path

from cccc_tui.config.addresses import formats, is_demo
from cccc_tui.config.first_run import Offer, first_config, offers_from_environment
from cccc_tui.config.load import load_text
from cccc_tui.config.schema import Config
from cccc_tui.config.secrets import SecretRef, read_secrets


def config(text: str) -> Config:
    loaded = load_text(text, Path("config.yaml"))
    assert loaded.config is not None
    assert loaded.problems == ()
    return loaded.config


def test_the_first_file_works_as_it_is():
    endpoints = config(first_config()).endpoints
    assert [each.name for each in endpoints if each.enabled] == ["demo"]
    assert is_demo(endpoints[0])
    assert [(each.name, formats(each)) for each in endpoints[1:]] == [
        ("anthropic", ("anthropic",)),
        ("openai", ("chat", "responses")),
        ("openai-compatible", ("chat", "responses")),
    ]


def test_the_first_file_lacks_no_secret(monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "MY_PROVIDER_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert read_secrets(config(first_config())).problems == ()


def test_keys_in_the_environment_are_offered_by_name_and_never_enabled():
    env = {
        "ANTHROPIC_API_KEY": "sk-ant-real",
        "OPENAI_API_KEY": "sk-real",
        "OPENAI_BASE_URL": "https://o.example/v1",
    }
    text = first_config(offers_from_environment(env))
    by_name = {each.name: each for each in config(text).endpoints}
    assert by_name["anthropic"].auth_value == SecretRef("env:ANTHROPIC_API_KEY")
    assert by_name["openai"].url == "https://o.example/v1"
    assert [name for name, each in by_name.items() if each.enabled] == ["demo"]
    assert "sk-" not in text
    assert "# Found: OPENAI_API_KEY is set, and OPENAI_BASE_URL." in text


def test_nothing_in_the_environment_offers_nothing():
    assert offers_from_environment({"ANTHROPIC_API_KEY": " ", "OPENAI_BASE_URL": "https://o.example"}) == ()


def test_a_base_url_that_is_none_is_not_taken():
    (offer,) = offers_from_environment({"ANTHROPIC_API_KEY": "x", "ANTHROPIC_BASE_URL": "localhost:8080"})
    assert offer.url == "https://api.anthropic.com"
    (offer,) = offers_from_environment({"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "https://me:pw@h.example"})
    assert offer.url == "https://api.openai.com"


def test_an_offer_whose_name_is_taken_gets_another():
    offers = [
        Offer(
            name="ollama", url=f"http://127.0.0.1:{port}", kind="openai", why=f"Ollama answers on port {port}"
        )
        for port in (11434, 11435)
    ]
    names = [each.name for each in config(first_config(offers)).endpoints]
    assert names == ["demo", "ollama", "ollama-2", "anthropic", "openai", "openai-compatible"]


def test_an_offer_with_odd_text_in_it_is_still_yaml():
    offer = Offer(name="a: b # c", url="https://h.example", kind="openai", why="line\nbreak: [")
    assert config(first_config([offer])).endpoints[1].name == "a: b # c"
