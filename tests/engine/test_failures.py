import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from cccc_tui.engine.attempt import AttemptFailed, FailedAnswer
from cccc_tui.engine.failures import attempts_line, error_of, final_answer, no_endpoint, resting
from cccc_tui.routing.policy import Failure
from cccc_tui.routing.select import LeftOut, Route
from cccc_tui.traffic.exchange import Attempt
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Format


def refused(status: int, body: bytes, message: str = "no") -> AttemptFailed:
    error = UpstreamError(status=status, error_class="server_error", message=message)
    headers = CIMultiDictProxy(CIMultiDict({"request-id": "req_7", "Content-Type": "application/json"}))
    answer = FailedAnswer(status=status, headers=headers, body=body)
    return AttemptFailed(Failure(kind="status", error=error, sent=True), message, error, answer)


def in_format(failure: AttemptFailed, form: Format) -> AttemptFailed:
    failure.format = form
    return failure


def unreachable() -> AttemptFailed:
    return AttemptFailed(Failure(kind="refused"), "cannot connect to x:1")


def test_the_last_real_answer_wins_over_a_connection_that_failed_later():
    body = b'{"type":"error","error":{"type":"api_error","message":"down"}}'
    status, headers, sent, message = final_answer(
        "anthropic", [in_format(refused(503, body, "down"), "anthropic"), unreachable()], []
    )
    assert (status, sent, message) == (503, body, "down")
    assert headers["request-id"] == "req_7"


def test_a_body_that_is_no_json_is_said_in_the_clients_format():
    status, _, sent, _ = final_answer(
        "anthropic", [in_format(refused(502, b"<html>", "Bad Gateway"), "anthropic")], []
    )
    assert status == 502
    assert msgspec.json.decode(sent)["error"]["message"] == "Bad Gateway"


def test_a_body_of_another_format_is_said_in_the_clients_format():
    failure = refused(500, b'{"error":{"message":"down"}}', "down")
    _, _, sent, _ = final_answer("anthropic", [in_format(failure, "chat")], [])
    assert msgspec.json.decode(sent)["type"] == "error"


def test_an_upstream_that_nobody_reached_is_a_502_and_a_slow_one_a_504():
    assert error_of(unreachable()).status == 502
    assert error_of(AttemptFailed(Failure(kind="header_timeout", sent=True), "too slow")).status == 504


def test_attempts_are_one_line_of_plain_ascii():
    attempts = [
        Attempt(
            endpoint="süd",
            url="",
            format="chat",
            status=529,
            error_class="overloaded",
            began_s=0.0,
            ended_s=0.25,
        ),
        Attempt(endpoint="two", url="", format="chat", error_class="refused", began_s=0.25, ended_s=0.26),
    ]
    assert attempts_line(attempts) == "s?d 529 overloaded 0.25s, two - refused 0.01s"


def test_nobody_to_ask_names_the_reason_of_each_endpoint():
    error = no_endpoint(Route((), (LeftOut("a", "disabled"), LeftOut("b", "speaks chat"))))
    assert error.status == 503
    assert "a: disabled; b: speaks chat" in error.message
    assert "Add one" in no_endpoint(Route((), ())).message


def test_an_endpoint_that_rests_says_its_last_error_and_when_to_come_again():
    limited = UpstreamError(
        status=429, error_class="rate_limit", message="slow down", type="rate_limit_error"
    )
    error = resting("relay", "it limits the rate", limited, 41.3)
    assert (error.status, error.error_class, error.retry_after_s) == (429, "rate_limit", 41.3)
    assert "relay is resting (it limits the rate) and is asked again in 42 s" in error.message


def test_an_endpoint_that_rests_since_before_a_restart_is_unavailable():
    assert resting("relay", "500", None, 5.0).status == 503
