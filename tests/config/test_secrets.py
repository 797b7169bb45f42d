import asyncio
import threading
from pathlib import Path

import keyring
import keyring.errors
import pytest

from cccc_tui.config.load import load_text
from cccc_tui.config.schema import Config, Endpoint, Key, Proxy
from cccc_tui.config.secrets import (
    Secret,
    SecretMissing,
    SecretRef,
    looks_like_key,
    read_secret,
    read_secrets,
    read_secrets_soon,
)


def config(*endpoints: Endpoint) -> Config:
    return Config(endpoints=endpoints)


def endpoint(name: str, auth: str, **more) -> Endpoint:
    return Endpoint(name=name, url="https://h.example", auth_value=SecretRef(auth), **more)


def missing(spec: str) -> str:
    with pytest.raises(SecretMissing) as caught:
        read_secret(SecretRef(spec))
    return str(caught.value)


@pytest.fixture
def ring(monkeypatch) -> dict[tuple[str, str], str]:
    entries: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: entries.get((service, name)))
    return entries


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_a_secret_never_shows_itself(show):
    assert show(Secret("sk-real")) == "***"
    assert show(SecretRef("sk-real")) == "***"
    assert show(SecretRef("env:KEY")) == "env:KEY"


def test_a_literal_is_the_secret():
    assert read_secret(SecretRef("sk-1")).reveal() == "sk-1"
    assert read_secret(SecretRef("user:pass")).reveal() == "user:pass"


def test_an_environment_variable_is_read_when_asked(monkeypatch):
    monkeypatch.setenv("CCCC_TEST_KEY", " sk-env\n")
    assert read_secret(SecretRef("env:CCCC_TEST_KEY")).reveal() == "sk-env"
    monkeypatch.setenv("CCCC_TEST_KEY", "")
    assert missing("env:CCCC_TEST_KEY") == "the environment variable CCCC_TEST_KEY is empty"
    monkeypatch.delenv("CCCC_TEST_KEY")
    assert missing("env:CCCC_TEST_KEY") == "the environment variable CCCC_TEST_KEY is not set"


def test_a_file_is_read_without_its_last_line_end(tmp_path):
    (tmp_path / "key").write_bytes(b"sk-file\r\n")
    assert read_secret(SecretRef(f"file:{tmp_path}/key")).reveal() == "sk-file"


def test_a_file_may_stand_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "key").write_text("sk-home")
    assert read_secret(SecretRef("file:~/key")).reveal() == "sk-home"


def test_a_file_that_gives_no_secret_says_why(tmp_path):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "two").write_text("one\ntwo\n")
    assert "is not there" in missing(f"file:{tmp_path}/none")
    assert "is not a file" in missing(f"file:{tmp_path}")
    assert "is empty" in missing(f"file:{tmp_path}/empty")
    assert "is not text" in missing(f"file:{tmp_path}/binary")
    assert "has a line break" in missing(f"file:{tmp_path}/two")


def test_a_secret_that_no_header_can_carry_is_missing():
    assert missing("ключ") == "the value has characters in it that no HTTP header can carry"


def test_the_keyring_is_asked_under_our_service_name(ring):
    ring["cccc", "main"] = "sk-ring"
    assert read_secret(SecretRef("keyring:main")).reveal() == "sk-ring"
    assert missing("keyring:other").endswith("is not there: cccc key set other")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (keyring.errors.NoKeyringError(), "this system has no keyring"),
        (keyring.errors.KeyringLocked(), "the keyring is locked"),
        (OSError("no bus"), "OSError"),
    ],
)
def test_a_keyring_that_fails_says_why(monkeypatch, error, words):
    def fail(*_names):
        raise error

    monkeypatch.setattr(keyring, "get_password", fail)
    assert words in missing("keyring:main")


def test_one_missing_secret_puts_its_own_endpoint_out_of_service_and_no_other(monkeypatch):
    monkeypatch.delenv("CCCC_NOT_SET", raising=False)
    secrets = read_secrets(config(endpoint("a", "env:CCCC_NOT_SET"), endpoint("b", "sk-b")))
    assert secrets.auth == {"b": Secret("sk-b")}
    assert secrets.out_of_service == {"a": "the environment variable CCCC_NOT_SET is not set"}
    assert [each.severity for each in secrets.problems] == ["warning"]
    assert secrets.problems[0].message.endswith('the endpoint "a" is out of service until it is there')


def test_the_problem_has_file_and_line(monkeypatch):
    monkeypatch.delenv("CCCC_NOT_SET", raising=False)
    text = "endpoints:\n  - name: a\n    url: https://h.example\n    auth_value: env:CCCC_NOT_SET\n"
    loaded = load_text(text, Path("config.yaml"))
    (problem,) = read_secrets(loaded.config, loaded.places, str(loaded.path)).problems
    assert problem.sentence().startswith("config.yaml:4: endpoints[0].auth_value: the environment variable")
    assert problem.endpoint == "a"


def test_a_disabled_endpoint_lacks_nothing_and_opens_no_keyring(monkeypatch):
    asked = []
    monkeypatch.setattr(keyring, "get_password", lambda *names: asked.append(names))
    monkeypatch.delenv("CCCC_NOT_SET", raising=False)
    secrets = read_secrets(
        config(endpoint("a", "env:CCCC_NOT_SET", enabled=False), endpoint("b", "keyring:x", enabled=False))
    )
    assert secrets.problems == ()
    assert asked == []


def test_a_disabled_endpoint_has_its_secret_for_a_test():
    assert read_secrets(config(endpoint("a", "sk-a", enabled=False))).auth == {"a": Secret("sk-a")}


def test_the_password_of_a_proxy_is_a_secret_too():
    proxy = Proxy(address="h:1", username="me", password=SecretRef("env:CCCC_NOT_SET"))
    secrets = read_secrets(config(endpoint("a", "sk-a", proxy=proxy)))
    assert secrets.auth == {"a": Secret("sk-a")}
    assert secrets.problems[0].key == "endpoints[0].proxy.password"
    sound = Proxy(address="h:1", username="me", password=SecretRef("pw"))
    assert read_secrets(config(endpoint("a", "sk-a", proxy=sound))).proxy_passwords == {"a": Secret("pw")}


def test_a_secret_file_that_others_can_read_is_a_warning_and_is_used(tmp_path):
    path = tmp_path / "key"
    path.write_text("sk-file")
    path.chmod(0o640)
    secrets = read_secrets(config(endpoint("a", f"file:{path}")))
    assert secrets.auth == {"a": Secret("sk-file")}
    assert secrets.out_of_service == {}
    assert "chmod 600" in secrets.problems[0].message
    path.chmod(0o600)
    assert read_secrets(config(endpoint("a", f"file:{path}"))).problems == ()


async def test_secrets_are_read_off_the_loop(ring):
    ring["cccc", "main"] = "sk-ring"
    secrets = await read_secrets_soon(config(endpoint("a", "keyring:main"), endpoint("b", "sk-b")))
    assert secrets.auth == {"a": Secret("sk-ring"), "b": Secret("sk-b")}


async def test_a_keyring_that_never_answers_costs_its_time_out_only(monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(keyring, "get_password", lambda *_names: answer.wait() and None)
    try:
        secrets = await read_secrets_soon(
            config(endpoint("a", "keyring:main"), endpoint("b", "sk-b")), timeout_s=0.2
        )
    finally:
        answer.set()
    await asyncio.sleep(0)
    assert secrets.auth == {"b": Secret("sk-b")}
    assert "did not answer within 0.2 s" in secrets.out_of_service["a"]


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("sk-ant-api03-0123456789abcdef", True),
        ("0123456789abcdef0123456789abcdef", True),
        ("sk-xxxxxxxxxxxxxxxxxxxxxxxx", False),
        ("YOUR_ANTHROPIC_API_KEY_HERE_1", False),
        ("env:ANTHROPIC_API_KEY_NUMBER_1", False),
        ("hello", False),
    ],
)
def test_real_keys_are_told_from_placeholders(text, real):
    assert looks_like_key(SecretRef(text)) is real


def pool(*values: str, **fields) -> Endpoint:
    keys = tuple(Key(value=SecretRef(value)) for value in values)
    return Endpoint(name="pool", url="https://x", keys=keys, **fields)


def test_each_key_of_a_pool_is_read_and_one_that_is_missing_is_not_used():
    secrets = read_secrets(config(pool("sk-1", "env:NOT_SET_AT_ALL")))
    assert secrets.keys == {("pool", 0): Secret("sk-1")}
    assert secrets.missing_keys == {("pool", 1): "the environment variable NOT_SET_AT_ALL is not set"}
    assert secrets.out_of_service == {}
    assert secrets.problems[0].key == "endpoints[0].keys[1].value"
    assert "this key is not used" in secrets.problems[0].message


def test_an_endpoint_without_any_of_its_keys_is_out_of_service():
    secrets = read_secrets(config(pool("env:NOT_SET_AT_ALL", "env:NOT_SET_EITHER")))
    assert "NOT_SET_EITHER is not set" in secrets.out_of_service["pool"]
    assert "out of service" in secrets.problems[-1].message
