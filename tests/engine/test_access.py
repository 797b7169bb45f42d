import pytest

from cccc_tui.engine.access import is_nearby, refusal


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "127.9.9.9"])
def test_a_call_to_the_loopback_address_passes(host):
    assert refusal({"Host": host}, "127.0.0.1") == ""


def test_a_host_name_that_was_rebound_to_this_computer_is_refused():
    assert "evil.example" in refusal({"Host": "evil.example:8080"}, "127.0.0.1")


def test_a_web_page_of_another_site_may_not_call():
    assert "https://evil.example" in refusal(
        {"Host": "127.0.0.1", "Origin": "https://evil.example"}, "127.0.0.1"
    )


@pytest.mark.parametrize("origin", ["http://localhost:3000", "vscode-file://vscode-app", "null"])
def test_local_pages_and_desktop_programs_may_call(origin):
    assert refusal({"Host": "127.0.0.1", "Origin": origin}, "127.0.0.1") == ""


def test_a_client_that_sends_neither_header_passes():
    assert refusal({}, "127.0.0.1") == ""


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.168.1.4", True),
        ("gateway", True),
        ("gw.local", True),
        ("api.anthropic.com", False),
        ("8.8.8.8", False),
    ],
)
def test_a_neighbour_is_a_host_where_another_gateway_may_stand(host, expected):
    assert is_nearby(host) is expected
