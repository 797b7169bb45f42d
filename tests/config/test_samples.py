"""Files in the shape of the CCCC family's own samples, documented-only forms included, load as they are."""

from pathlib import Path

import pytest

from cccc_tui.config.addresses import formats
from cccc_tui.config.load import Loaded, load
from cccc_tui.config.schema import Config

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> tuple[Config, Loaded]:
    loaded = load(SAMPLES / f"{name}.yaml")
    assert loaded.config is not None, [each.sentence() for each in loaded.errors]
    return loaded.config, loaded


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_sample_of_the_family_loads_without_an_error(path):
    assert load(path).errors == ()


def test_the_single_url_form_means_what_it_says():
    config, _ = sample("single_url")
    main, completions, everyone = config.endpoints
    assert formats(main) == ("anthropic",)
    assert formats(completions) == ("chat", "responses")
    assert completions.model_rewrite.rules[1].target_model == "small-one"
    assert everyone.supported_clients == ("claude-code", "codex")
    assert everyone.parameter_overrides == {"temperature": "0.7", "max_tokens": "4096"}
    assert config.timeouts.response_header == 60
    assert not config.tagging.enabled


def test_keys_without_effect_are_named_as_such_and_reject_nothing():
    _, loaded = sample("single_url")
    assert {each.key: each.line for each in loaded.warnings} == {"web_admin": 54, "i18n": 67}
    assert all("has no effect here" in each.message for each in loaded.warnings)


def test_the_dual_url_form_means_what_it_says():
    config, _ = sample("dual_url")
    claude, codex, chat, both = config.endpoints
    assert formats(claude) == ("anthropic",)
    assert claude.supported_clients == ("claude-code",)
    assert formats(codex) == ("responses",)
    assert codex.supported_clients == ("codex",)
    assert formats(chat) == ("chat",)
    assert chat.supported_clients == ()
    assert chat.openai_preference == "chat_completions"
    assert formats(both) == ("anthropic", "chat", "responses")


def test_sections_for_upstreams_are_pointed_to_the_list_of_endpoints():
    _, loaded = sample("sections")
    (said,) = [each for each in loaded.warnings if each.key == "anthropic_endpoint"]
    assert 'entry of "endpoints"' in said.message
    assert any(each.key == "endpoints" for each in loaded.warnings)


def test_path_rules_become_path_taggers():
    config, loaded = sample("rule_taggers")
    assert [(each.name, each.builtin_type, each.tag, each.config) for each in config.tagging.taggers] == [
        ("by-path 1", "path", "chat-calls", {"path_pattern": "/v1/chat/completions*"}),
        ("by-path 2", "path", "codex-calls", {"path_pattern": "/responses*"}),
    ]
    assert set(loaded.out_of_service) == {"first", "second"}


def test_an_endpoint_without_a_url_is_out_of_service_and_rejects_nothing():
    config, loaded = sample("overrides_only")
    assert config.endpoints[0].parameter_overrides == {"temperature": "0.7", "top_p": "0.9"}
    assert loaded.out_of_service == {
        "tuned": "there is no URL, so this endpoint is out of service; give it a url"
    }
