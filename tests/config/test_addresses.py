import pytest

from cccc_tui.config.addresses import formats, is_demo, is_loopback, points_at, request_url
from cccc_tui.config.schema import Endpoint


def anthropic(url: str) -> Endpoint:
    return Endpoint(name="a", url=url)


def openai(url: str, prefix: str = "", preference: str = "auto") -> Endpoint:
    return Endpoint(
        name="o", url=url, endpoint_type="openai", path_prefix=prefix, openai_preference=preference
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://api.anthropic.com",
        "https://api.anthropic.com/",
        "https://api.anthropic.com/v1",
        "https://api.anthropic.com/v1/",
        "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/messages/count_tokens",
    ],
)
def test_every_way_to_write_the_anthropic_url_leads_to_the_same_call(url):
    assert request_url(anthropic(url), "anthropic") == "https://api.anthropic.com/v1/messages"
    assert request_url(anthropic(url), "anthropic", "count_tokens").endswith(".com/v1/messages/count_tokens")
    assert request_url(anthropic(url), "anthropic", "models") == "https://api.anthropic.com/v1/models"


def test_a_path_before_the_anthropic_call_is_kept():
    assert (
        request_url(anthropic("http://h:1/api/anthropic/"), "anthropic")
        == "http://h:1/api/anthropic/v1/messages"
    )


@pytest.mark.parametrize(
    ("url", "prefix", "root"),
    [
        ("https://api.openai.com", "", "https://api.openai.com/v1"),
        ("https://api.openai.com/", "", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "", "https://api.openai.com/v1"),
        ("https://api.openai.com", "/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com", "v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "/v1/chat/completions", "https://api.openai.com/v1"),
        ("https://api.openai.com", "/v1/chat/completions", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/chat/completions", "", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/chat/completions", "/v1", "https://api.openai.com/v1"),
        ("https://h/chat/completions", "", "https://h"),
        ("https://h", "/", "https://h"),
        ("https://h", "/chat/completions", "https://h"),
        ("https://h/api/paas/v4", "", "https://h/api/paas/v4"),
        ("https://h/compatible-mode/v1", "", "https://h/compatible-mode/v1"),
        ("https://h/v1beta/openai/", "", "https://h/v1beta/openai"),
        ("https://h/openai", "", "https://h/openai/v1"),
        ("https://h/api", "/custom", "https://h/api/custom"),
        ("http://[::1]:9/api/v1", "/v1", "http://[::1]:9/api/v1"),
    ],
)
def test_the_openai_root_has_its_version_once(url, prefix, root):
    endpoint = openai(url, prefix)
    assert request_url(endpoint, "chat") == f"{root}/chat/completions"
    assert request_url(endpoint, "responses") == f"{root}/responses"
    assert request_url(endpoint, "responses", "compact") == f"{root}/responses/compact"
    assert request_url(endpoint, "chat", "models") == f"{root}/models"


def test_a_query_in_the_url_stays_behind_the_path():
    assert (
        request_url(openai("https://h/v1?api-version=2"), "chat")
        == "https://h/v1/chat/completions?api-version=2"
    )


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (anthropic("https://h"), ("anthropic",)),
        (openai("https://h"), ("chat", "responses")),
        (openai("https://h", preference="responses"), ("responses",)),
        (openai("https://h", preference="chat_completions"), ("chat",)),
        (openai("https://h", prefix="/v1/chat/completions"), ("chat",)),
        (openai("https://h", prefix="/v1/responses/"), ("responses",)),
        (openai("https://h/v1/responses"), ("responses",)),
        (Endpoint(name="d", url_anthropic="https://a"), ("anthropic",)),
        (Endpoint(name="d", url_openai="https://o"), ("chat", "responses")),
        (
            Endpoint(name="d", url_anthropic="https://a", url_openai="https://o"),
            ("anthropic", "chat", "responses"),
        ),
        (
            Endpoint(name="d", url_anthropic="https://a", url_openai="https://o/v1/chat/completions"),
            ("anthropic", "chat"),
        ),
        (Endpoint(name="d", url="demo:"), ("anthropic", "chat", "responses")),
        (Endpoint(name="d"), ()),
    ],
)
def test_formats_follow_from_the_kind_the_preference_and_the_path(endpoint, expected):
    assert formats(endpoint) == expected


def test_dual_urls_go_each_to_its_own_format():
    endpoint = Endpoint(name="d", url_anthropic="https://a/v1/messages", url_openai="https://o")
    assert request_url(endpoint, "anthropic") == "https://a/v1/messages"
    assert request_url(endpoint, "responses") == "https://o/v1/responses"


def test_the_demo_endpoint_takes_its_address_from_outside():
    demo = Endpoint(name="demo", url="demo:")
    assert is_demo(demo)
    assert request_url(demo, "anthropic", base="http://127.0.0.1:5") == "http://127.0.0.1:5/v1/messages"
    assert request_url(demo, "chat", base="http://127.0.0.1:5") == "http://127.0.0.1:5/v1/chat/completions"
    with pytest.raises(ValueError, match="no URL"):
        request_url(demo, "anthropic")


@pytest.mark.parametrize(
    ("format_", "operation"), [("chat", "compact"), ("anthropic", "compact"), ("chat", "count_tokens")]
)
def test_a_call_that_the_format_does_not_have_is_refused(format_, operation):
    with pytest.raises(ValueError, match="there is no"):
        request_url(openai("https://h"), format_, operation)


def test_a_format_that_the_endpoint_does_not_speak_is_refused():
    with pytest.raises(ValueError, match="has no URL"):
        request_url(anthropic("https://h"), "chat")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://localhost:8080/v1", True),
        ("http://LOCALHOST.:8080", True),
        ("http://127.0.0.1:8080", True),
        ("http://127.9.9.9:8080", True),
        ("http://[::1]:8080", True),
        ("http://[::ffff:127.0.0.1]:8080", True),
        ("http://0.0.0.0:8080", True),
        ("http://localhost:8081", False),
        ("http://localhost", False),
        ("http://10.0.0.1:8080", False),
        ("https://api.openai.com:8080", False),
    ],
)
def test_an_address_of_our_own_is_recognised(url, own):
    assert points_at(url, 8080) is own


def test_the_port_that_a_scheme_implies_counts():
    assert points_at("http://localhost", 80)
    assert points_at("https://localhost", 443)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_loopback_hosts_are_told_from_others(host, loopback):
    assert is_loopback(host) is loopback
