import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cccc_tui.config.load import Loaded, load, load_text
from cccc_tui.config.problems import Problem
from cccc_tui.config.schema import Config, Endpoint
from cccc_tui.config.secrets import SecretRef

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.yaml"))


def read(text: str) -> Loaded:
    return load_text(text, Path("config.yaml"))


def sentences(text: str) -> list[str]:
    return [each.sentence() for each in read(text).problems]


def only(text: str) -> Problem:
    (problem,) = read(text).problems
    return problem


def config(text: str) -> Config:
    loaded = read(text)
    assert loaded.config is not None, [each.sentence() for each in loaded.errors]
    return loaded.config


def endpoint(lines: str, name: str = "a", url: str = "https://h.example") -> str:
    """A file with one endpoint; its own lines begin in line 4."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"endpoints:\n  - name: {name}\n    url: {url}\n{body}"


# The file itself


def test_a_missing_file_is_a_problem(tmp_path):
    loaded = load(tmp_path / "none.yaml")
    assert loaded.config is None
    assert [each.message for each in loaded.problems] == ["there is no such file"]


def test_a_folder_is_a_problem(tmp_path):
    assert load(tmp_path).problems[0].message == "is a folder, not a file"


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in load(tmp_path / "pipe").problems[0].message


def test_an_unreadable_file_is_a_problem(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "config.yaml"
    path.write_text("server: {}")
    monkeypatch.setattr(Path, "open", refuse)
    assert load(path).problems[0].message == "cannot be read: Permission denied"


def test_a_file_that_is_not_utf_8_is_a_problem_with_its_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes("server:\n  host: caf\xe9\n".encode("latin-1"))
    (problem,) = load(path).problems
    assert (problem.line, problem.message) == (2, "is not UTF-8 text: save it as UTF-8")


def test_a_huge_file_is_refused(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"# " + b"x" * 5_000_000)
    assert "larger than 4 MiB" in load(path).problems[0].message


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "~"])
def test_an_empty_file_is_a_problem(text):
    assert read(text).config is None
    assert only(text).message == "the file is empty"


@pytest.mark.parametrize("text", ["- a\n- b", "just words", "42"])
def test_a_file_that_is_no_mapping_is_a_problem(text):
    assert "must be a mapping with sections" in only(text).message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("server:\n  host: a: b\n", 2, "mapping values are not allowed"),
        ("server:\n\tport: 1\n", 2, "indent with spaces, not with tabs"),
        ("server: {port: 1\n", 2, "not YAML"),
        ("a: 1\nb: *nothing\n", 2, "undefined alias"),
        ("a: 1\n---\nb: 1\n", 2, "expected a single document"),
        ("a: 1\nb: \x07\n", 2, "control character"),
    ],
)
def test_what_is_not_yaml_is_a_problem_with_its_line(text, line, words):
    problem = only(text)
    assert problem.line == line
    assert words in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",
        "a: &a {b: *a}",
        "[" * 500 + "]" * 500,
        "a: &a [x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)
        ),
    ],
    ids=["alias of itself", "mapping of itself", "deep", "a billion laughs"],
)
def test_a_file_without_bounds_is_refused(text):
    assert "too large or nested too deeply" in read(text).problems[0].message


def test_a_duplicate_key_is_a_problem_that_names_both_lines():
    assert sentences(
        "server:\n  port: 1234\n  host: ::1\n  port: 4321\nendpoints: [{name: a, url: 'demo:'}]"
    ) == ["config.yaml:4: server.port: stands twice, first in line 2"]


def test_merge_keys_bring_defaults_in_and_own_keys_win():
    read_back = config(
        "x-shared: &shared {url: https://h.example, priority: 7, enabled: false}\n"
        "endpoints:\n  - {<<: *shared, name: a}\n  - {<<: *shared, name: b, priority: 8}\n"
    )
    assert [(each.priority, each.enabled) for each in read_back.endpoints] == [(7, False), (8, False)]


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem():
    assert sentences("\ufeffserver:\r\n  port: 99\r\nendpoints:\r\n- {name: a, url: 'demo:'}\r\n") == []


# Keys and values


def test_an_unknown_key_is_an_error_with_the_nearest_valid_key():
    assert sentences(endpoint("prioritty: 3")) == [
        'config.yaml:4: endpoints[0].prioritty: unknown key; did you mean "priority"?'
    ]


def test_a_problem_of_an_endpoint_carries_its_name():
    problem = only(endpoint("prioritty: 3", name="main"))
    assert (problem.endpoint, problem.line, problem.column) == ("main", 4, 5)


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    text = (
        endpoint("priority: high\nenabled: perhaps\nauth_type: apikey")
        + "timeouts: {response_header: soon}\nservr: 1\n"
    )
    assert sentences(text) == [
        'config.yaml:4: endpoints[0].priority: must be a whole number, not "high"',
        'config.yaml:5: endpoints[0].enabled: must be true or false, not "perhaps"',
        'config.yaml:6: endpoints[0].auth_type: must be one of api_key, auth_token, auto, not "apikey"; '
        'did you mean "api_key"?',
        'config.yaml:7: timeouts.response_header: must be a duration such as 30s, 1m30s or 500ms, not "soon"',
        'config.yaml:8: servr: unknown key; did you mean "server"?',
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("server: [1]", 'must be a mapping ("key: value" lines)'),
        ("server: {port: 0}", 'must be 1 to 65535, not "0"'),
        ("server: {port: 70000}", 'must be 1 to 65535, not "70000"'),
        ("server: {port: true}", 'must be a whole number, not "true"'),
        ("server: {port: 80.5}", 'must be a whole number, not "80.5"'),
        ("server: {port: .nan}", 'must be a whole number, not ".nan"'),
        ("server: {port: .inf}", 'must be a whole number, not ".inf"'),
        ("server: {host: [a]}", "must be a single value, not a list"),
        ("server: {max_body_mb: 0}", 'must be more than 0, not "0"'),
        ("timeouts: {check_interval: 0s}", 'must be more than 0, not "0s"'),
        ("timeouts: {check_interval: [1]}", "must be a duration such as 30s, 1m30s or 500ms, not a list"),
        ("timeouts: {recovery_threshold: 0}", 'must be 1 or more, not "0"'),
        ("logging: {exclude_paths: /health}", "must be a list, like [/health]"),
        ("ui: {keymap: [a]}", 'must be a mapping ("key: value" lines)'),
        ("endpoints: {a: 1}", "must be a list"),
        ("? [a, b]\n: 1", "a key must be a word, not a list or a mapping"),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_is_expected(line, message):
    loaded = read(line)
    assert loaded.config is None
    assert message in [each.message for each in loaded.errors]


def test_a_port_may_be_quoted_and_a_name_may_be_a_number():
    read_back = config("server: {port: '8090'}\nendpoints: [{name: 123, url: 'demo:'}]")
    assert read_back.server.port == 8090
    assert read_back.endpoints[0].name == "123"


@pytest.mark.parametrize("empty", ["", "~", "null", '""'])
def test_an_empty_value_is_the_default(empty):
    read_back = config(
        endpoint(f"auth_type: {empty}\npriority: {empty}\nproxy: {empty}\nauth_value: {empty}")
    )
    assert read_back.endpoints[0] == Endpoint(name="a", url="https://h.example")


def test_an_empty_section_is_its_default():
    assert config("server:\nendpoints:\n- {name: a, url: 'demo:'}\ntimeouts:\n").timeouts.check_interval == 30


def test_a_missing_name_is_an_error():
    assert sentences("endpoints:\n  - url: https://h.example\n") == [
        "config.yaml:2: endpoints[0].name: missing"
    ]


def test_positions_stay_right_behind_a_broken_item():
    text = "endpoints:\n  - url: https://h.example\n  - name: b\n    url: h.example\n"
    assert sentences(text)[1] == (
        "config.yaml:4: endpoints[1].url: has no scheme: it must begin with http:// or https://; "
        'did you mean "https://h.example"?'
    )


def test_priority_zero_is_one():
    assert config(endpoint("priority: 0")).endpoints[0].priority == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("250ms", 0.25), ("45", 45), ("1.5", 1.5)],
)
def test_durations_are_go_forms_or_seconds(written, seconds):
    assert config(f"timeouts: {{response_header: {written}}}").timeouts.response_header == seconds


def test_a_secret_is_never_in_a_problem():
    key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
    text = endpoint(f"auth_value: {key}\nauth_value: {key}\nauth_tipe: {key}\nproxy: {{password: {key}}}")
    assert read(text).config is None
    assert key not in repr(read(text).problems)


# Endpoints


@pytest.mark.parametrize(
    ("url", "message", "guess"),
    [
        ("api.example.com/v1", "has no scheme", "https://api.example.com/v1"),
        ("localhost:11434", "has no scheme", "http://localhost:11434"),
        ("ftp://h.example", "must begin with http:// or https://", ""),
        ("https://", "has no host", ""),
        ("https:///v1", "has no host", ""),
        ("https://me:secret@h.example", "has a user name or password", ""),
        ("'https://h.example/a b'", "has a space", ""),
        ("https://h.example:99999", "not a URL", ""),
        ("'https://[::1'", "not a URL", ""),
        ("http://localhost:8080/v1", 'the endpoint "a" points at cccc itself', ""),
        ("http://127.1.2.3:8080", "points at cccc itself", ""),
        ("'http://[::1]:8080'", "points at cccc itself", ""),
        ("http://0.0.0.0:8080", "points at cccc itself", ""),
    ],
)
def test_a_url_that_cannot_work_is_an_error(url, message, guess):
    problem = only(endpoint("", url=url))
    assert (problem.severity, problem.key) == ("error", "endpoints[0].url")
    assert message in problem.message
    assert problem.did_you_mean == guess
    assert "secret" not in problem.sentence()


def test_another_port_of_this_machine_is_no_loop():
    assert sentences(endpoint("", url="http://localhost:11434")) == []


def test_the_loop_is_seen_at_the_configured_port():
    assert (
        "points at cccc itself"
        in only("server: {port: 9000}\n" + endpoint("", url="http://localhost:9000")).message
    )


def test_one_name_stands_for_one_endpoint():
    assert sentences(
        "endpoints:\n  - {name: a, url: https://h.example}\n  - {name: a, url: https://i.example}\n"
    ) == ['config.yaml:3: endpoints[1].name: the name "a" is taken by the one in line 2']


def test_url_and_the_dual_urls_exclude_each_other():
    assert "not both" in only(endpoint("url_openai: https://o.example")).message


def test_a_path_prefix_belongs_to_openai_endpoints():
    assert "belongs to OpenAI endpoints" in only(endpoint("path_prefix: /v1")).message


def test_a_preference_that_contradicts_the_path_is_an_error():
    text = endpoint("endpoint_type: openai\npath_prefix: /v1/chat/completions\nopenai_preference: responses")
    assert only(text).message == "contradicts the path, which is that of chat"


def test_oauth_puts_that_endpoint_out_of_service_and_no_other():
    loaded = read(endpoint("auth_type: oauth\noauth_config: {access_token: x}"))
    assert loaded.config is not None
    assert "oauth is not supported here yet" in loaded.out_of_service["a"]


@pytest.mark.parametrize(
    ("written", "clients"),
    [
        ("client_type: claude_code", ("claude-code",)),
        ("client_type: codex", ("codex",)),
        ("client_type: openai", ("openai-sdk", "other")),
        ("client_type: ''", ()),
        ("supported_clients: [claude_code, codex]", ("claude-code", "codex")),
    ],
)
def test_client_types_of_other_versions_are_understood(written, clients):
    assert config(endpoint(written)).endpoints[0].supported_clients == clients


def test_an_unknown_client_type_is_an_error():
    assert only(endpoint("client_type: claudecode")).did_you_mean == "claude_code"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("0.7", "0.7"),
        ("4096", "4096"),
        ("1_000", "1000"),
        ("true", "true"),
        ("yes", "true"),
        ("null", "null"),
        ("", ""),
        ("'0.7'", "0.7"),
        ("high", "high"),
        ("{type: enabled, budget_tokens: 2048}", '{"type":"enabled","budget_tokens":2048}'),
        ("[a, 1, null]", '["a",1,null]'),
        ("18446744073709551616", "18446744073709551616"),
    ],
)
def test_an_override_is_the_json_text_of_its_value_in_both_forms(written, text):
    as_map = config(endpoint(f"parameter_overrides:\n  thing: {written}"))
    as_list = config(endpoint(f"parameter_overrides:\n  - key: thing\n    value: {written}"))
    assert as_map.endpoints[0].parameter_overrides == {"thing": text}
    assert as_list.endpoints[0].parameter_overrides == {"thing": text}


def test_an_override_without_a_json_form_is_an_error():
    assert "has no JSON form" in only(endpoint("parameter_overrides: {t: .inf}")).message


def test_a_broken_override_list_is_an_error():
    text = endpoint("parameter_overrides:\n  - temperature: 1\n  - {key: a, valeu: 2}\n  - {key: a}")
    assert [each.message for each in read(text).errors] == [
        'must be "key: NAME" with "value: …"',
        "unknown key",
        '"a" stands twice',
    ]


def test_a_header_override_is_what_stands_there():
    read_back = config(endpoint("header_overrides: {X-Flag: yes, X-Number: 1.0, X-Gone: null}"))
    assert read_back.endpoints[0].header_overrides == {"X-Flag": "yes", "X-Number": "1.0", "X-Gone": ""}


@pytest.mark.parametrize("written", ['{"X Y": a}', '{X-A: "a\\nb"}', '{"": a}'])
def test_a_header_that_cannot_be_sent_is_an_error(written):
    assert "cannot be sent" in only(endpoint(f"header_overrides: {written}")).message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{enabled: true}", "is empty although model_rewrite is enabled"),
        (
            "{enabled: true, rules: [{source_pattern: a, target_model: b}, "
            "{source_pattern: a, target_model: c}]}",
            '"a" stands twice',
        ),
        ("{enabled: true, rules: [{source_pattern: a}]}", "missing"),
    ],
)
def test_rewrite_rules_that_cannot_work_are_an_error(written, message):
    assert message in only(endpoint(f"model_rewrite: {written}")).message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{address: nowhere}", 'must be "host:port"'),
        ("{address: 'http://h:1'}", 'must be "host:port"'),
        ("{address: 'h:99999'}", 'must be "host:port"'),
        ("{address: 'h:1', username: me}", "has no password with it"),
        ("{address: 'h:1', password: x}", "has no username with it"),
        ("{type: socks5}", "missing"),
        ("{type: socks4, address: 'h:1'}", "must be one of http, socks5"),
    ],
)
def test_a_proxy_that_cannot_work_is_an_error(written, message):
    assert message in only(endpoint(f"proxy: {written}")).message


def test_a_proxy_with_everything_is_read():
    proxy = (
        config(endpoint("proxy: {type: socks5, address: 'h:1', username: me, password: env:P}"))
        .endpoints[0]
        .proxy
    )
    assert proxy is not None
    assert (proxy.type, proxy.password) == ("socks5", SecretRef("env:P"))


# Server and tagging


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "'::'", "example.com"])
def test_an_address_that_others_can_reach_is_refused_with_what_to_do(host):
    problem = only(f"server: {{host: {host}}}\nendpoints: [{{name: a, url: 'demo:'}}]")
    assert "can be reached by other machines" in problem.message
    assert "use 127.0.0.1" in problem.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "'::1'", "127.0.0.2"])
def test_loopback_addresses_are_accepted(host):
    assert sentences(f"server: {{host: {host}}}\nendpoints: [{{name: a, url: 'demo:'}}]") == []


def tagger(lines: str) -> str:
    return endpoint("") + f"tagging:\n  taggers:\n    - {{name: t, tag: x, {lines}}}\n"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("type: builtin", "needs a builtin_type"),
        ("builtin_type: pat, config: {}", "must be one of"),
        ("builtin_type: path", 'a "path" tagger needs path_pattern'),
        ("builtin_type: header, config: {header_name: X}", 'a "header" tagger needs expected_value'),
        ("builtin_type: thinking, config: {min_budget_tokens: many}", "must be a number of tokens"),
        ("builtin_type: model, config: {expected_value: [a]}", "must be a single value"),
    ],
)
def test_a_tagger_that_cannot_work_is_an_error(written, message):
    assert message in read(tagger(written)).errors[0].message


def test_an_unknown_setting_of_a_tagger_is_an_error_with_the_nearest_one():
    problem = only(tagger("builtin_type: path, config: {path_pattern: /v1/*, path_patern: /v2}"))
    assert (problem.message, problem.did_you_mean) == ("unknown key", "path_pattern")


def test_a_script_tagger_is_skipped_with_a_warning():
    loaded = read(tagger("type: starlark, config: {script: 'def should_tag(): return True'}"))
    assert loaded.config is not None
    assert not loaded.config.tagging.taggers[0].enabled
    assert 'Starlark is not run: "t" is skipped; write it as "type: expression"' in loaded.problems[0].message


def test_a_tagger_by_method_is_skipped_with_a_warning():
    loaded = read(tagger("type: builtin, builtin_type: method, config: {methods: [POST]}"))
    assert loaded.config is not None
    assert loaded.config.tagging.taggers == ()
    assert "are not run" in loaded.problems[0].message


def test_a_tagger_may_name_its_kind_as_its_type():
    (read_back,) = config(
        tagger("type: body-json, config: {json_path: model, value_pattern: c*}")
    ).tagging.taggers
    assert (read_back.type, read_back.builtin_type) == ("builtin", "body-json")
    assert read_back.config == {"json_path": "model", "expected_value": "c*"}


def test_taggers_have_names_of_their_own():
    one = "{name: t, tag: x, builtin_type: model, config: {expected_value: a}}"
    assert 'the name "t" is taken' in only(endpoint("") + f"tagging: {{taggers: [{one}, {one}]}}").message


def test_tagging_may_be_a_bare_list_of_rules():
    tagging = config(
        endpoint("")
        + "tagging:\n  - {pattern: '*haiku*', tag: small}\n  - {pattern: ^/v1/responses$, tag: codex}\n"
    ).tagging
    assert [(each.pattern, each.tag) for each in tagging.rules] == [("*haiku*", "small")]
    assert [(each.tag, each.config) for each in tagging.taggers] == [
        ("codex", {"path_pattern": "/v1/responses"})
    ]


# What the whole promises


def test_a_key_in_a_file_that_others_can_read_is_a_warning(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(endpoint("auth_value: sk-ant-api03-0123456789abcdef"))
    path.chmod(0o644)
    (problem,) = load(path).problems
    assert (problem.severity, problem.endpoint, problem.line) == ("warning", "a", 4)
    assert "chmod 600" in problem.message
    path.chmod(0o600)
    assert load(path).problems == ()


def test_a_placeholder_in_a_file_that_others_can_read_is_none(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(endpoint("auth_value: sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))
    path.chmod(0o644)
    assert load(path).problems == ()


def holds(loaded: Loaded) -> bool:
    return (loaded.config is None) == any(each.severity == "error" for each in loaded.problems)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_configuration_or_an_error(text):
    assert holds(read(text))


TEXTS = [path.read_text() for path in SAMPLES]
PIECES = st.sampled_from(
    ["", ":", "- ", "\n", "{", "]", "&a ", "*a", "<<: ", "null", "!!int ", "'", "\t", "1e999", "é"]
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), max_size=4))
def test_any_damage_gives_a_configuration_or_an_error(text, damages):
    for where, length, piece in damages:
        start = int(where * len(text))
        text = text[:start] + piece + text[start + length :]
    assert holds(read(text))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*Config.__struct_fields__, "web_admin"])
ENDPOINT_KEYS = st.sampled_from(
    [*Endpoint.__struct_fields__, "client_type", "supports_responses", "oauth_config"]
)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(KEYS, JSON),
    st.dictionaries(ENDPOINT_KEYS, JSON),
    JSON,
    st.sampled_from(["taggers", "rules"]),
)
def test_any_values_give_a_configuration_or_an_error(sections, one_endpoint, thing, tag_list):
    data = {**sections, "endpoints": [one_endpoint, thing], "tagging": {tag_list: [thing, {"config": thing}]}}
    assert holds(read(yaml.safe_dump(data, allow_unicode=True)))
