import json

import anthropic
import httpx2
import msgspec
import openai
import pytest
from anthropic.types import BetaErrorResponse
from pydantic import TypeAdapter

from cccc_tui.wire.error_classes import STATUS, ErrorClass
from cccc_tui.wire.errors import UpstreamError, error_in, read_error, write_error

NOW = 1_800_000_000.0


def read(status: int, body: object, headers: dict[str, str] | None = None) -> UpstreamError:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return read_error(status, headers or {}, raw, NOW)


def openai_body(message: str, kind: str = "invalid_request_error", code: str | int | None = None) -> object:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic_body(message: str, kind: str = "invalid_request_error") -> object:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011"}


# What the providers say when a prompt does not fit: provider, status, body, tokens used, tokens allowed.
OVERFLOWS = [
    (
        "Anthropic",
        400,
        anthropic_body("prompt is too long: 250000 tokens > 200000 maximum"),
        250_000,
        200_000,
    ),
    (
        "Anthropic, with room for the answer",
        400,
        anthropic_body("input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000"),
        0,
        0,
    ),
    ("Bedrock", 400, {"message": "Input is too long for requested model."}, 0, 0),
    (
        "OpenAI",
        400,
        openai_body(
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 "
            "tokens. Please reduce the length of the messages.",
            code="context_length_exceeded",
        ),
        8545,
        8192,
    ),
    (
        "OpenAI Responses",
        400,
        openai_body(
            "Your input exceeds the context window of this model. Please adjust your input and try again."
        ),
        0,
        0,
    ),
    (
        "Azure",
        400,
        openai_body(
            "This model's maximum context length is 16385 tokens, however you requested 17000 tokens "
            "(13000 in your prompt; 4000 for the completion). Please reduce your prompt."
        ),
        17_000,
        16_385,
    ),
    (
        "Gemini",
        400,
        {
            "error": {
                "code": 400,
                "message": "The input token count (1196265) exceeds the maximum number of tokens (1048575).",
                "status": "INVALID_ARGUMENT",
            }
        },
        1_196_265,
        1_048_575,
    ),
    (
        "DeepSeek",
        400,
        openai_body(
            "This model's maximum context length is 65536 tokens. However, you requested 70112 tokens "
            "(66016 in the messages, 4096 in the completion). Please reduce the length of the messages."
        ),
        70_112,
        65_536,
    ),
    (
        "DashScope",
        400,
        openai_body("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 204800]"),
        0,
        0,
    ),
    (
        "Moonshot",
        400,
        openai_body("Your request exceeded model token limit: 131072 (requested: 140001)"),
        140_001,
        131_072,
    ),
    ("GLM", 400, {"error": {"code": "1261", "message": "Prompt 超长"}}, 0, 0),
    (
        "Mistral",
        400,
        {
            "object": "error",
            "message": "Prompt contains 36000 tokens and 0 draft tokens, too large for model with 32768 "
            "maximum context length",
            "type": "invalid_request_prompt",
            "code": "3051",
        },
        36_000,
        32_768,
    ),
    ("Groq", 400, openai_body("Please reduce the length of the messages or completion."), 0, 0),
    (
        "Together",
        422,
        openai_body(
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs`"
        ),
        9000,
        8193,
    ),
    (
        "OpenRouter",
        400,
        {
            "error": {
                "code": 400,
                "message": "This endpoint's maximum context length is 131072 tokens. However, you requested "
                "about 132463 tokens (1463 of text input, 131000 in the output).",
            }
        },
        132_463,
        131_072,
    ),
    (
        "vLLM",
        400,
        {
            "object": "error",
            "message": "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum "
            "context length is 4096 tokens and your request has 2104 input tokens (2000 > 4096 - 2104).",
            "type": "BadRequestError",
            "code": 400,
        },
        2104,
        4096,
    ),
    (
        "llama.cpp",
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size, try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 9001,
                "n_ctx": 4096,
            }
        },
        9001,
        4096,
    ),
    (
        "llama.cpp, older",
        500,
        openai_body("the request exceeds the available context size", "server_error"),
        0,
        0,
    ),
    ("Ollama", 400, {"error": "input length exceeds maximum context length"}, 0, 0),
    (
        "LM Studio",
        400,
        {"error": "The number of tokens to keep from the initial prompt is greater than the context length"},
        0,
        0,
    ),
    (
        "xAI",
        400,
        {
            "code": "Client specified an invalid argument",
            "error": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        },
        537_812,
        131_072,
    ),
    ("MiniMax", 400, openai_body("invalid params, context window exceeds limit (2013)"), 0, 0),
    (
        "GitHub Copilot",
        400,
        openai_body(
            "prompt token count of 140000 exceeds the limit of 128000",
            code="model_max_prompt_tokens_exceeded",
        ),
        140_000,
        128_000,
    ),
    (
        "SGLang",
        400,
        {"message": "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens)."},
        160_062,
        59_862,
    ),
    ("Volcano", 400, openai_body("Input length 203743 exceeds the maximum length 202752"), 203_743, 202_752),
]


@pytest.mark.parametrize(
    ("provider", "status", "body", "used", "limit"), OVERFLOWS, ids=[row[0] for row in OVERFLOWS]
)
def test_every_provider_s_overflow_makes_both_agents_compact(provider, status, body, used, limit):
    error = read(status, body)
    assert (error.error_class, error.used_tokens, error.limit_tokens) == ("context_overflow", used, limit)
    answered, headers, written = write_error("anthropic", error)
    said = json.loads(written)["error"]
    assert (answered, said["type"], headers["x-should-retry"]) == (400, "invalid_request_error", "false")
    if used > limit:
        assert said["message"] == f"prompt is too long: {used} tokens > {limit} maximum"
    assert said["message"].startswith("prompt is too long: ")
    answered, _, written = write_error("responses", error)
    assert (answered, json.loads(written)["error"]["code"]) == (400, "context_length_exceeded")


CLASSES: list[tuple[ErrorClass, int, object]] = [
    ("authentication", 401, anthropic_body("invalid x-api-key", "authentication_error")),
    ("authentication", 401, openai_body("Incorrect API key provided: sk-x.", code="invalid_api_key")),
    ("authentication", 401, {"detail": "Unauthorized"}),
    (
        "authentication",
        400,
        {
            "error": {
                "code": 400,
                "message": "API key not valid. Please pass a valid API key.",
                "status": "INVALID_ARGUMENT",
            }
        },
    ),
    ("authentication", 500, openai_body("无效的令牌", "new_api_error")),
    ("permission", 403, anthropic_body("Your account may not use this", "permission_error")),
    ("permission", 403, b"<html><title>Forbidden</title></html>"),
    ("billing", 400, anthropic_body("Your credit balance is too low to access the Anthropic API.")),
    ("billing", 402, openai_body("Insufficient Balance", "unknown_error")),
    ("billing", 429, {"error": {"code": "1113", "message": "您的账户已欠费，请充值后重试"}}),
    ("billing", 403, openai_body("用户额度不足", "new_api_error", "insufficient_user_quota")),
    (
        "quota",
        429,
        openai_body("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
    ),
    ("quota", 429, {"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached"}}),
    ("quota", 403, openai_body("You have reached your weekly limit", "forbidden_error")),
    (
        "rate_limit",
        429,
        anthropic_body("Number of request tokens has exceeded your rate limit", "rate_limit_error"),
    ),
    ("rate_limit", 429, b""),
    (
        "rate_limit",
        429,
        openai_body("Rate limit reached for gpt-x on tokens per min (TPM)", "tokens", "rate_limit_exceeded"),
    ),
    (
        "rate_limit",
        429,
        {
            "error": {
                "code": 429,
                "status": "RESOURCE_EXHAUSTED",
                "message": "You exceeded your current quota. Please retry in 34.07s.",
            }
        },
    ),
    ("rate_limit", 503, openai_body("请求过于频繁", "x")),
    ("overloaded", 529, anthropic_body("Overloaded", "overloaded_error")),
    ("overloaded", 503, b"no healthy upstream"),
    (
        "overloaded",
        500,
        openai_body("The engine is currently overloaded, please try again later", "server_error"),
    ),
    ("overloaded", 429, openai_body("busy", "engine_overloaded_error")),
    ("server_error", 500, anthropic_body("Internal server error", "api_error")),
    ("server_error", 502, b"<html><head><title>502 Bad Gateway</title></head></html>"),
    ("timeout", 504, b""),
    ("timeout", 524, b"<title>A timeout occurred</title>"),
    ("timeout", 500, openai_body("Request timed out", "server_error")),
    ("model_not_found", 404, openai_body("The model `gpt-9` does not exist", code="model_not_found")),
    ("model_not_found", 404, {"error": "model 'llama9' not found, try pulling it first"}),
    ("model_not_found", 400, {"error": {"message": "foo/bar is not a valid model ID", "code": 400}}),
    (
        "model_not_found",
        503,
        openai_body(
            "当前分组下对于模型 x 无可用渠道 (no available channel for model x)", code="model_not_found"
        ),
    ),
    ("model_not_found", 404, anthropic_body("model: claude-9 not found", "not_found_error")),
    ("not_found", 404, b"404 page not found"),
    ("content_filter", 400, openai_body("The response was filtered", code="content_filter")),
    (
        "content_filter",
        400,
        openai_body("Input data may contain inappropriate content", code="data_inspection_failed"),
    ),
    (
        "content_filter",
        400,
        openai_body("Your request was flagged as potentially violating our usage policy"),
    ),
    ("request_too_large", 413, anthropic_body("Request exceeds the maximum size", "request_too_large")),
    ("request_too_large", 413, b"<title>413 Request Entity Too Large</title>"),
    ("conflict", 409, b"{}"),
    (
        "unsupported_parameter",
        400,
        openai_body("Unsupported parameter: 'max_tokens'", code="unsupported_parameter"),
    ),
    ("unsupported_parameter", 400, anthropic_body("context_management: Extra inputs are not permitted")),
    ("unsupported_parameter", 400, openai_body("temperature is not supported with this model")),
    ("invalid_request", 400, anthropic_body("messages.1.role: Input should be 'user' or 'assistant'")),
    (
        "invalid_request",
        422,
        {"detail": [{"loc": ["body", "model"], "msg": "field required", "type": "missing"}]},
    ),
    ("bad_answer", 302, b""),
]


@pytest.mark.parametrize(("error_class", "status", "body"), CLASSES)
def test_errors_are_told_apart(error_class, status, body):
    assert read(status, body).error_class == error_class


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "text"}, "text"),
        ({"message": "said"}, "said"),
        ({"detail": "explained"}, "explained"),
        ({"detail": [{"loc": ["body", "model"], "msg": "field required"}]}, "body.model: field required"),
        ({"errors": [{"message": "first"}, {"message": "second"}]}, "first"),
        ({"errors": ["one", "two"]}, "one; two"),
        ([{"error": {"message": "in a list"}}], "in a list"),
        ({"error": {"message": {"message": "nested"}}}, "nested"),
        ({"code": 500, "msg": "404 NOT_FOUND", "success": False}, "404 NOT_FOUND"),
        (
            {"error": {"message": "Provider returned error", "metadata": {"raw": "bad tool"}}},
            "Provider returned error: bad tool",
        ),
        ("just text", "just text"),
        (b"<html><head><title>Bad &amp; worse\n</title></head><body>x</body></html>", "Bad & worse"),
        (b"<html><body><script>1</script><h1>Oops</h1> it broke</body></html>", "Oops it broke"),
        (b"plain \xff text", "plain \ufffd text"),
        (b"", "The upstream answered 418 and did not say why"),
        (b"{}", "The upstream answered 418 and did not say why"),
        (
            b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"in a stream"}}\n\n',
            "in a stream",
        ),
    ],
)
def test_the_message_is_found_in_every_shape(body, message):
    assert read(418, body).message == message


def test_what_a_structured_error_says_is_kept():
    error = read(
        400, {"error": {"message": "m", "type": "invalid_request_error", "param": "tools", "code": "c"}}
    )
    assert (error.type, error.code, error.param, error.status) == ("invalid_request_error", "c", "tools", 400)


@pytest.mark.parametrize(
    ("headers", "body", "request_id"),
    [
        ({"Request-Id": "req_1"}, {}, "req_1"),
        ({"x-request-id": "req_2", "cf-ray": "ray"}, {}, "req_2"),
        ({"cf-ray": "ray"}, {}, "ray"),
        ({"request-id": "other"}, anthropic_body("x"), "req_011"),
    ],
)
def test_the_request_id_is_found(headers, body, request_id):
    assert read(500, body, headers).request_id == request_id


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"Retry-After": "7"}, {}, 7),
        ({"retry-after": "0.5"}, {}, 0.5),
        ({"retry-after": "Fri, 15 Jan 2027 08:01:00 GMT"}, {}, 60),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, {}, 0),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, {}, 1.5),
        ({"anthropic-ratelimit-unified-reset": "1800000090"}, {}, 90),
        (
            {
                "anthropic-ratelimit-requests-remaining": "10",
                "anthropic-ratelimit-requests-reset": "2027-01-15T08:05:00Z",
                "anthropic-ratelimit-tokens-remaining": "0",
                "anthropic-ratelimit-tokens-reset": "2027-01-15T08:00:30Z",
            },
            {},
            30,
        ),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0.5s"}, {}, 360.5),
        ({"x-ratelimit-reset-tokens": "20ms"}, {}, 0.02),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "60"}, {}, None),
        ({"x-ratelimit-reset": "1800000012000"}, {}, 12),
        ({}, {"error": {"message": "x", "resets_in_seconds": 3600}}, 3600),
        ({}, {"error": {"message": "x", "resets_at": 1_800_000_100}}, 100),
        ({}, {"error": {"message": "Rate limit reached. Please try again in 1.5s."}}, 1.5),
        ({}, {"error": {"message": "Please try again in 820ms. Visit our page"}}, 0.82),
        ({}, {"error": {"message": "Limit reached, try again in 3 hours 5 minutes"}}, 11_100),
        ({}, {"error": {"message": "Please retry in 34.07s", "details": [{"retryDelay": "34s"}]}}, 34),
        ({"retry-after": "99999999"}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_wait_is_found(headers, body, wait_s):
    found = read(429, body, headers).retry_after_s
    assert found == (None if wait_s is None else pytest.approx(wait_s))


def test_reset_headers_stand_on_every_answer_and_mean_nothing_on_a_bad_request():
    assert read(400, {}, {"x-ratelimit-reset-requests": "1s"}).retry_after_s is None


def test_a_moment_is_no_wait_without_a_clock():
    assert read_error(429, {"retry-after": "Fri, 15 Jan 2027 08:01:00 GMT"}, b"").retry_after_s is None


@pytest.mark.parametrize(
    "value",
    [
        {"type": "message", "content": [{"type": "text", "text": "error: rate limit exceeded"}]},
        {"id": "x", "object": "chat.completion", "error": None, "choices": []},
        {"object": "response", "status": "completed", "error": None, "output": []},
        {"type": "response.completed", "response": {"error": None, "output": []}, "error": {"message": "x"}},
        {"base_resp": {"status_code": 0, "status_msg": ""}, "choices": []},
        {"message": "Hello", "detail": "world"},
        ["error"],
        "error",
        None,
    ],
)
def test_an_answer_is_never_read_as_an_error(value):
    assert error_in(value) is None


@pytest.mark.parametrize(
    ("value", "error_class", "status", "message"),
    [
        (anthropic_body("Overloaded", "overloaded_error"), "overloaded", 529, "Overloaded"),
        ({"error": {"message": "Rate limited", "code": 429}}, "rate_limit", 429, "Rate limited"),
        ({"error": "boom"}, "server_error", 500, "boom"),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow"}, "rate_limit", 429, "slow"),
        (
            {
                "type": "response.failed",
                "response": {"error": {"code": "server_is_overloaded", "message": "m"}},
            },
            "overloaded",
            529,
            "m",
        ),
        ({"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "rate_limit", 429, "rate limit"),
    ],
)
def test_an_error_under_a_good_status_is_read(value, error_class, status, message):
    error = error_in(value)
    assert (error.error_class, error.status, error.message) == (error_class, status, message)


def test_an_event_called_error_is_one_in_any_shape():
    assert error_in("went wrong", is_named=True).message == "went wrong"
    assert error_in({"message": "overloaded"}, is_named=True).error_class == "overloaded"


FORMATS = ["anthropic", "chat", "responses", None]


@pytest.mark.parametrize("error_class", STATUS)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_class_is_written_in_every_schema_and_read_back_as_the_same_kind(error_class, format_):
    status, headers, body = write_error(format_, UpstreamError.of(error_class, "It failed"))
    assert status == STATUS[error_class] and headers["Content-Type"] == "application/json"
    written = json.loads(body)
    if format_ == "anthropic":
        assert written["type"] == "error" and written["error"]["message"].endswith("It failed")
        if written["error"]["type"] != "request_too_large":  # sent by the API, not yet in the package's union
            TypeAdapter(BetaErrorResponse).validate_json(body)
    else:
        assert written["error"].keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize("error_class", STATUS)
def test_the_official_clients_raise_their_own_errors_from_it(error_class):
    error = UpstreamError.of(error_class, "It failed")

    def answer(format_: str) -> httpx2.MockTransport:
        status, headers, body = write_error(format_, error)
        return httpx2.MockTransport(lambda request: httpx2.Response(status, headers=headers, content=body))

    claude = anthropic.Anthropic(
        api_key="k", max_retries=0, http_client=httpx2.Client(transport=answer("anthropic"))
    )
    gpt = openai.OpenAI(api_key="k", max_retries=0, http_client=httpx2.Client(transport=answer("responses")))
    with claude, gpt:
        with pytest.raises(anthropic.APIStatusError) as refusal:
            claude.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
        assert refusal.value.status_code == STATUS[error_class]
        with pytest.raises(openai.APIStatusError, match="It failed"):
            gpt.responses.create(model="m", input="x")


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (UpstreamError.of("unavailable", "m", 12.2), {"Retry-After": "13"}),
        (UpstreamError.of("rate_limit", "m", 90), {"Retry-After": "90"}),
        (UpstreamError.of("rate_limit", "m", 900), {"x-should-retry": "false"}),
        (UpstreamError.of("unavailable", "m", 600), {"x-should-retry": "false"}),
        (UpstreamError.of("rate_limit", "m"), {}),
        (UpstreamError.of("server_error", "m"), {}),
        (UpstreamError.of("quota", "m", 18_000), {"x-should-retry": "false"}),
        (UpstreamError.of("quota", "m"), {"x-should-retry": "false"}),
        (UpstreamError.of("quota", "m", 20), {"Retry-After": "20"}),
        (UpstreamError.of("authentication", "m", 5), {"x-should-retry": "false"}),
        (UpstreamError.of("billing", "m"), {"x-should-retry": "false"}),
        (UpstreamError.of("permission", "m"), {"x-should-retry": "false"}),
    ],
)
def test_agents_are_told_to_wait_where_that_helps_and_to_stop_where_it_does_not(error, headers):
    _, written, _ = write_error("anthropic", error)
    written.pop("Content-Type")
    assert written == headers


def test_the_upstream_s_status_message_code_and_request_id_are_kept():
    error = read(
        503, openai_body("Down for repair", "server_error", "maintenance"), {"x-request-id": "req_9"}
    )
    status, headers, body = write_error("chat", error)
    assert (status, headers["x-request-id"]) == (503, "req_9")
    assert json.loads(body)["error"] == {
        "message": "Down for repair",
        "type": "server_error",
        "param": None,
        "code": "maintenance",
    }
    _, headers, body = write_error("anthropic", error)
    assert headers["request-id"] == "req_9" == json.loads(body)["request_id"]
