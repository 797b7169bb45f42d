from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.engine.headers import auth_headers, downward, lowered, upward


def proxied(*items: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(items))


def test_the_clients_credentials_and_cookies_never_go_up():
    client = proxied(
        ("Authorization", "Bearer mine"), ("X-Api-Key", "mine"), ("Cookie", "a=b"), ("X-App", "cli")
    )
    sent = upward(client, "anthropic", {}, {"x-api-key": "theirs"})
    assert sent["x-api-key"] == "theirs"
    assert "Authorization" not in sent
    assert "Cookie" not in sent
    assert sent["X-App"] == "cli"


def test_hop_by_hop_headers_and_those_that_connection_lists_stop_here():
    client = proxied(
        ("Connection", "keep-alive, X-Private"), ("X-Private", "1"), ("TE", "trailers"), ("Host", "x")
    )
    sent = upward(client, "chat", {}, {})
    assert not {"connection", "x-private", "te", "host"} & {name.lower() for name in sent}


def test_versions_and_betas_of_anthropic_pass_unchanged():
    client = proxied(("anthropic-version", "2023-01-01"), ("anthropic-beta", "a-1,b-2"))
    sent = upward(client, "anthropic", {}, {})
    assert (sent["anthropic-version"], sent["anthropic-beta"]) == ("2023-01-01", "a-1,b-2")


def test_an_anthropic_request_without_a_version_gets_one():
    assert upward(proxied(), "anthropic", {}, {})["anthropic-version"] == "2023-06-01"
    assert "anthropic-version" not in upward(proxied(), "chat", {}, {})


def test_overrides_come_last_and_an_empty_one_removes():
    client = proxied(("User-Agent", "claude-cli/1"), ("X-App", "cli"))
    sent = upward(
        client, "anthropic", {"user-agent": "other", "X-App": "", "x-api-key": "k"}, {"x-api-key": "theirs"}
    )
    assert (sent["User-Agent"], sent["x-api-key"]) == ("other", "k")
    assert "X-App" not in sent


def test_an_answers_request_id_and_limits_come_down_but_not_its_framing_or_cookies():
    answer = proxied(
        ("request-id", "req_1"),
        ("anthropic-ratelimit-requests-remaining", "9"),
        ("Retry-After", "3"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "a=b"),
        ("Content-Length", "9"),
    )
    assert set(lowered(downward(answer).items())) == {
        "request-id",
        "anthropic-ratelimit-requests-remaining",
        "retry-after",
    }


def test_a_credential_is_sent_as_the_endpoint_wants_it():
    assert auth_headers("api_key", "k", "chat") == {"x-api-key": "k"}
    assert auth_headers("auth_token", "k", "anthropic") == {"Authorization": "Bearer k"}
    assert auth_headers("auto", "k", "anthropic") == {"x-api-key": "k"}
    assert auth_headers("auto", "k", "responses") == {"Authorization": "Bearer k"}
    assert auth_headers("auto", "k", "anthropic", learned="auth_token") == {"Authorization": "Bearer k"}
    assert auth_headers("api_key", "", "anthropic") == {}
