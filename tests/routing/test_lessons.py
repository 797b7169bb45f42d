"""What refusals teach: texts as the providers write them."""

import time

import msgspec
import pytest

from cccc_tui.routing.lessons import lesson_of
from cccc_tui.wire.errors import UpstreamError, read_error


def refusal(message: str, status: int = 400, **fields: str) -> UpstreamError:
    body = {"error": {"message": message, "type": "invalid_request_error", **fields}}
    return read_error(status, {}, msgspec.json.encode(body), 0.0)


def taught(error: UpstreamError, has_path=lambda _path: True) -> str:
    lesson = lesson_of(error, "chat", has_path)
    if lesson is None:
        return ""
    return lesson.adjustment.sentence() if lesson.adjustment else f"lacks {lesson.lacks}"


@pytest.mark.parametrize(
    ("message", "fields", "lesson"),
    [
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            {"param": "max_tokens", "code": "unsupported_parameter"},
            "max_tokens sent as max_completion_tokens",
        ),
        (
            "Unsupported value: 'temperature' does not support 0.2 with this model."
            " Only the default (1) value is supported.",
            {"param": "temperature", "code": "unsupported_value"},
            "temperature left out",
        ),
        (
            "Unsupported value: 'reasoning.effort' does not support 'xhigh' with this model."
            " Supported values are: 'low', 'medium', and 'high'.",
            {"param": "reasoning.effort", "code": "unsupported_value"},
            "reasoning.effort only low, medium, high",
        ),
        ("Unknown parameter: 'store'.", {"param": "store", "code": "unknown_parameter"}, "store left out"),
        ("context_management: Extra inputs are not permitted", {}, "context_management left out"),
        (
            "tools.3.custom.eager_input_streaming: Extra inputs are not permitted",
            {},
            "tools.*.custom.eager_input_streaming left out",
        ),
        (
            "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
            {},
            "system.*.cache_control.ephemeral.scope left out",
        ),
        (
            "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku",
            {},
            "max_tokens at most 8192",
        ),
        (
            "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
            {},
            "max_tokens at most 8192",
        ),
        (
            "max_tokens is too large: 64000. This model supports at most 16384 completion tokens, whereas you"
            " provided 64000.",
            {"param": "max_tokens"},
            "max_tokens at most 16384",
        ),
        (
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
            {},
            "top_p left out",
        ),
        ("invalid temperature: only 1 is allowed for this model", {}, "temperature left out"),
        ("thinking.type: adaptive is not supported on this model", {}, "thinking left out"),
        ("Unrecognized request argument supplied: prompt_cache_key", {}, "prompt_cache_key left out"),
        ('Invalid JSON payload received. Unknown name "store": Cannot find field.', {}, "store left out"),
        ('json: unknown field "stream_options"', {}, "stream_options left out"),
        ("property 'prompt_cache_key' is unsupported", {}, "prompt_cache_key left out"),
        (
            "Additional properties are not allowed ('safety_identifier' was unexpected)",
            {},
            "safety_identifier left out",
        ),
        (
            "Completions.create() got an unexpected keyword argument 'parallel_tool_calls'",
            {},
            "parallel_tool_calls left out",
        ),
        (
            "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`",
            {},
            "lacks images",
        ),
        ("This model does not support image input.", {}, "lacks images"),
        ("registry.example/library/gemma does not support tools", {}, "lacks tools"),
        ("The model does not support function calling", {}, "lacks tools"),
        ("'messages[0].role' does not support 'developer' with this model.", {}, "lacks developer_role"),
        (
            "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
            {},
            "lacks thoughtless_turns",
        ),
        (
            "Missing `reasoning_content` field in the assistant message at message index 2. For more information,"
            " please refer to the guide",
            {},
            "lacks thoughtless_turns",
        ),
        (
            "The `reasoning_content` in the thinking mode must be passed back to the API.",
            {},
            "lacks thoughtless_turns",
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_a_refusal_teaches(message, fields, lesson):
    assert taught(refusal(message, **fields)) == lesson


@pytest.mark.parametrize(
    "message",
    [
        "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
        "messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1",
        "tools: at most 128 tools are supported",
        "tools.0.input_schema: JSON schema is invalid",
        "messages: at least one message is required",
        "Unknown parameter: 'messages'.",
        "model: Field required",
        "tool_choice names a tool that is not in tools",
        "An assistant message with 'tool_calls' must be followed by tool messages",
    ],
)
def test_a_mention_of_tools_or_messages_teaches_nothing(message):
    assert taught(refusal(message)) == ""


def test_a_parameter_that_the_request_does_not_have_is_no_lesson():
    assert taught(refusal("Unknown parameter: 'store'."), lambda path: path == "temperature") == ""


def test_a_parameter_is_found_where_its_format_has_it():
    error = refusal("This model does not support the effort parameter.")
    assert taught(error, lambda path: path == "output_config.effort") == "output_config.effort left out"


@pytest.mark.parametrize("status", [401, 429, 529])
def test_only_refused_requests_teach(status):
    assert taught(refusal("Unknown parameter: 'store'.", status)) == ""


def test_an_endpoint_without_tools_says_nothing_about_requests_without_any():
    assert taught(refusal("The model does not support function calling"), lambda _path: False) == ""


@pytest.mark.parametrize(
    "message",
    [
        "Invalid input type 'compaction_trigger' at index 579",
        "unsupported input item type: compaction_trigger",
        "Input tag 'compaction_trigger' found using 'type' does not match any of the expected tags: 'message'",
        "unknown variant `compaction_trigger`, expected one of `message`, `reasoning`",
        "input[3]: compaction_trigger is not supported",
    ],
)
def test_an_endpoint_that_does_not_know_codex_s_compaction_says_so_in_many_words(message):
    assert lesson_of(refusal(message), "responses", lambda _path: True).lacks == "compaction"


@pytest.mark.parametrize(
    "message",
    [
        "The 'compaction_trigger' item must be the final input item.",
        "Invalid value: 'context_compaction'. Supported values are: 'compaction', 'compaction_trigger', and 'message'.",
    ],
)
def test_an_endpoint_that_knows_it_is_not_taken_for_one_that_does_not(message):
    lesson = lesson_of(refusal(message), "responses", lambda _path: True)
    assert lesson is None or lesson.lacks != "compaction"


def test_what_only_one_format_can_lack_is_no_lesson_of_another():
    wanted = refusal("The `reasoning_content` in the thinking mode must be passed back to the API.")
    assert lesson_of(wanted, "responses", lambda _path: True) is None


@pytest.mark.parametrize("piece", [b"<script ", b"<title>", b"<", b"&amp;", b"a "])
def test_no_page_of_an_upstream_takes_long_to_read(piece: bytes) -> None:
    began = time.perf_counter()
    read_error(502, {}, b"<html>" + piece * (256_000 // len(piece)), 0.0)
    assert time.perf_counter() - began < 0.8


@pytest.mark.parametrize(
    "piece",
    ["a", "max_tokens", "max_", "_tokens", "1,", "1h", "a.", "0 ", "exceeds ", "context 123 ", "`a` ", "<"],
)
def test_no_text_of_an_upstream_takes_long_to_read(piece: str) -> None:
    text = (piece * 4000)[:4000]
    body = msgspec.json.encode({"error": {"message": text, "type": "invalid_request_error"}})
    began = time.perf_counter()
    for status in (400, 422, 429, 500):
        lesson_of(read_error(status, {}, body, 0.0), "chat", lambda _path: True)
    assert time.perf_counter() - began < 0.8  # some hundredths; it was seconds, on the loop of every request
