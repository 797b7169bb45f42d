"""What kind of failure an error is: one table by name, one by status, one by text.

Providers agree on little, so a name (code or type) decides when it is a telling one, else the status does,
and the text refines what is still vague: nearly everything is an `invalid_request_error` somewhere. Of two
phrases that fit, the earlier one in `_BY_TEXT` has the word.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from cccc_tui.wire.phrases import Phrase

ErrorClass = Literal[
    "context_overflow",
    "invalid_request",
    "unsupported_parameter",
    "authentication",
    "permission",
    "billing",
    "quota",
    "rate_limit",
    "overloaded",
    "server_error",
    "timeout",
    "connection",
    "broken_stream",
    "bad_answer",
    "model_not_found",
    "not_found",
    "content_filter",
    "request_too_large",
    "conflict",
    "loop",
    "unavailable",
    "cancelled",
]
"""`billing`: a person must pay; `quota`: an allowance is used up until it is renewed; `rate_limit`: too fast;
`connection`: no answer; `broken_stream`: an answer that ended too early; `bad_answer`: one that is none;
`loop`: a request that came back to us; `unavailable`: no endpoint of ours can take it."""

STATUS: dict[ErrorClass, int] = {
    "context_overflow": 400,
    "invalid_request": 400,
    "unsupported_parameter": 400,
    "authentication": 401,
    "permission": 403,
    "billing": 402,
    "quota": 429,
    "rate_limit": 429,
    "overloaded": 529,
    "server_error": 500,
    "timeout": 504,
    "connection": 502,
    "broken_stream": 502,
    "bad_answer": 502,
    "model_not_found": 404,
    "not_found": 404,
    "content_filter": 400,
    "request_too_large": 413,
    "conflict": 409,
    "loop": 508,
    "unavailable": 503,
    "cancelled": 499,
}
"""The status of a class for an error that came without one."""

_NAMES: dict[ErrorClass, str] = {
    "context_overflow": """context_length_exceeded context_window_exceeded exceed_context_size_error
        max_context_length_exceeded model_max_prompt_tokens_exceeded context_too_large 1261 minimax:1039""",
    "unsupported_parameter": """unsupported_parameter unknown_parameter unsupported_value extra_forbidden
        unrecognized_parameter""",
    "authentication": """authentication_error invalid_api_key invalid_authentication_error unauthorized
        unauthenticated invalidapikey incorrect_api_key_error invalid_token token_expired invalid_grant
        account_deactivated api_key_invalid 1000 1001 1002 1003 1004
        minimax:1004""",
    "permission": """permission_error permission_denied forbidden access_denied accessdenied
        unsupported_country_region_territory permission_denied_error""",
    "billing": """billing_error insufficient_balance insufficient_credits payment_required arrearage
        billing_hard_limit_reached billing_not_active insufficient_user_quota 1113 minimax:1008""",
    "quota": """insufficient_quota quota_exceeded usage_limit_reached usage_limit_exceeded usage_not_included
        exceeded_current_quota_error throttling.allocationquota 1304 1308 1310""",
    "rate_limit": """rate_limit_error rate_limit_exceeded rate_limit_reached_error rate_limited slow_down
        too_many_requests toomanyrequests throttling throttling.ratequota requests tokens resource_exhausted
        model_cooldown 1302 1303 minimax:1002""",
    "overloaded": """overloaded_error server_is_overloaded engine_overloaded_error engine_overloaded
        overloaded service_unavailable serviceunavailable unavailable model_overloaded
        capacity_exceeded 1305""",
    "server_error": """api_error server_error internal_server_error internal_error internal internalerror
        internalservererror""",
    "timeout": "timeout_error timeout request_timeout requesttimeout deadline_exceeded gateway_timeout",
    "model_not_found": """model_not_found model_not_supported model_not_available unsupported_model
        unknown_model invalid_model modelnotfound deploymentnotfound resource_not_found_error 1211""",
    "not_found": "not_found_error not_found notfound",
    "content_filter": """content_filter content_policy_violation datainspectionfailed data_inspection_failed
        moderation_blocked responsibleaipolicyviolation invalid_prompt cyber_policy bio_policy prompt_blocked
        image_content_policy_violation misalignment_policy_violation 1301 minimax:1026 minimax:1027""",
    "request_too_large": "request_too_large payload_too_large",
    "conflict": "conflict_error conflict",
    "invalid_request": """invalid_request_error invalid_request invalid_argument invalidargument bad_request
        badrequest badrequesterror invalidparameter failed_precondition validation_error""",
}
_BY_NAME: dict[str, ErrorClass] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

_BY_STATUS: dict[int, ErrorClass] = {
    400: "invalid_request",
    401: "authentication",
    402: "billing",
    403: "permission",
    404: "not_found",
    405: "not_found",
    408: "timeout",
    409: "conflict",
    413: "request_too_large",
    429: "rate_limit",
    499: "cancelled",
    503: "overloaded",
    504: "timeout",
    508: "loop",
    521: "connection",
    522: "timeout",
    523: "connection",
    524: "timeout",
    529: "overloaded",
    530: "connection",
}

_VAGUE: frozenset[ErrorClass] = frozenset(("invalid_request", "server_error", "bad_answer"))
"""Classes that say nothing against a better reading."""


class _Reading(NamedTuple):
    kind: ErrorClass
    of: frozenset[ErrorClass]
    """Classes, as name and status gave them, that the text may turn into `kind`."""
    text: Phrase


def _reading(kind: ErrorClass, of: str, *phrases: str) -> _Reading:
    classes: frozenset[ErrorClass] = frozenset(_VAGUE | {name for name in STATUS if name in of.split()})
    return _Reading(kind, classes, Phrase("|".join(phrases), re.IGNORECASE | re.DOTALL))


_BY_TEXT: tuple[_Reading, ...] = (
    _reading(
        "context_overflow",
        "request_too_large unsupported_parameter",
        r"prompt is too long",  # Anthropic
        r"input is too long",  # Bedrock
        r"input length and `?max_tokens`? exceed",  # Anthropic
        r"maximum (?:context|prompt|model|input|allowed) length",  # OpenAI, Azure, DeepSeek, vLLM, xAI
        r"(?:exceed\w*|(?:larg|great)er than|beyond|over) (?:the |this )?(?:available |model'?s? |maximum )*"
        r"(?:context|token limit)",  # OpenAI Responses, llama.cpp, LM Studio, Moonshot
        r"context (?:length|window|size|limit)[^.]{0,40}(?:exceed|overflow|too (?:small|long))",  # MiniMax
        r"exceed\w* (?:the )?(?:maximum )?(?:number of )?(?:input )?tokens? (?:allowed|limit)",
        r"input token count[^.]{0,40}exceeds",  # Gemini
        r"token count of \d+ exceeds",  # GitHub Copilot
        r"input tokens exceed",  # OpenAI
        r"range of input length should be",  # Qwen (DashScope)
        r"input length \(?\d+[^.]{0,20}exceeds",  # SGLang, Volcano
        r"reduce the length of the (?:messages|prompt|input)",  # Groq
        r"too large for model with \d+ maximum context",  # Mistral
        r"tokens \+ `?max_new_tokens`? must be",  # Together
        r"exceeds? max(?:imum)? (?:length|tokens)|too many (?:input |prompt )?tokens",
        r"(?:上下文|输入)[^。]{0,12}(?:超|过长)|超(?:出|过)[^。]{0,12}(?:上下文|长度)",
    ),
    _reading(
        "billing",
        "permission rate_limit authentication",
        r"credit balance is too low|insufficient (?:account )?(?:balance|credits?|funds)|out of credits",
        r"(?:requires|add|purchase) (?:more |additional )?credits|payment required",
        r"余额不足|欠费|请充值|额度不足|insufficient_user_quota",
    ),
    # A wait of seconds is a rate, whatever else the text says: Gemini calls its limits per minute a quota.
    _reading(
        "rate_limit", "overloaded", r"(?:retry|try again) (?:in|after) [\d.]+ ?(?:ms|s|secs?|seconds?)\b"
    ),
    _reading(
        "quota",
        "permission rate_limit",
        r"(?:exceeded|reached|hit)[^.]{0,30}\b(?:quota|usage limit|(?:daily|weekly|monthly) limit)",
        r"quota (?:has been |is )?(?:exceeded|exhausted|used up)",
        r"usage limit (?:has been )?(?:reached|exceeded)",
        r"配额|使用上限",
    ),
    _reading(
        "rate_limit",
        "permission overloaded",
        r"rate[- _]?limit|too many (?:concurrent )?requests|(?:tokens|requests) per (?:minute|day)",
        r"concurrency (?:limit|exceeded)|throttl|请求过于频繁|限流|并发",
    ),
    _reading(
        "overloaded",
        "",
        r"overloaded|(?:at|over|exceeded|no) capacity|(?:currently|is) (?:unavailable|busy)|high demand",
        r"temporarily unavailable|no available (?:channel|account|server|worker)|负载|繁忙|过载",
    ),
    _reading(
        "authentication",
        "permission",
        r"(?:invalid|incorrect|missing|expired|wrong|no) (?:x-)?api[- _]?key",
        r"api[- _]?key (?:is )?(?:not valid|invalid|missing|expired)",
        r"无效的(?:令牌|密钥|api)|invalid (?:bearer )?token|oauth token has expired",
    ),
    _reading(
        "content_filter",
        "permission",
        r"content (?:management )?policy|content[ _]filter|safety (?:system|policy)|usage policy",
        r"flagged (?:as|for)",
        r"inappropriate content|不安全|敏感内容|违规",
    ),
    _reading(
        "unsupported_parameter",
        "",
        r"(?:unsupported|unknown|unrecognized|unexpected|invalid) (?:request )?(?:parameter|argument)",
        r"unsupported value",
        r"extra (?:inputs|fields) (?:are )?not permitted|not supported with this model|unknown field",
        r"does not support (?:the )?[`'\"]?\w+[`'\"]? parameter|parameter[^.]{0,40}not supported",
    ),
    _reading(
        "model_not_found",
        "not_found permission",
        r"\bmodels?\b[^.]{0,80}?(?:does ?n[o']t exist|not (?:be )?found|not (?:available|supported|valid))",
        r"is not a valid model",
        r"^model: \S+$",  # Anthropic
        r"(?:unknown|invalid|no such|unsupported) model|模型不存在|不支持.{0,8}模型",
        r"no available channels? for model|unknown provider for model",
    ),
    _reading("timeout", "", r"timed[ -]?out|deadline exceeded"),
)


def classify(status: int, kind: str, code: str, message: str) -> ErrorClass:
    """The class of an error with the provider's own type and code; `status` 0 where there is none."""
    named = _BY_NAME.get(code.lower()) or _BY_NAME.get(kind.lower())
    first = named if named and named not in _VAGUE else _by_status(status, named)
    for reading in _BY_TEXT:
        if (first in reading.of or first == reading.kind) and reading.text.search(message):
            return reading.kind
    return first


def _by_status(status: int, named: ErrorClass | None) -> ErrorClass:
    by_status = _BY_STATUS.get(status)
    if by_status and by_status not in _VAGUE:
        return by_status
    if named or by_status:
        return named or by_status or "server_error"
    if 400 <= status < 500:
        return "invalid_request"
    return "bad_answer" if 0 < status < 400 else "server_error"
