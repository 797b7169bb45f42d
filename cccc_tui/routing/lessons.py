"""What a refusal teaches about how to ask: which parameter to leave out, limit, rename or give another value.

Structured fields of the error come first (`param`, a path before the sentence), patterns of texts second. Three rules
keep an agent whole. A lesson must name something that the request has. What a request is made of (its messages, its
tools, its model) is never left out because of a text that merely mentions it: that tools are refused needs an error
that says exactly that. And every lesson is a fact with its evidence and an expiry, which a person can take back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from cccc_tui.wire.adjust import Adjustment
from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.model import Format
from cccc_tui.wire.phrases import Phrase

Trait = str
"""A property of the model that no edit of a parameter cures: `images`, `tools`, `developer_role`, `system_role`,
`compaction` (Codex's remote one), `thoughtless_turns` (an assistant's turn without its `reasoning_content`)."""


class Lesson(NamedTuple):
    """Either an adjustment of every further request, or a trait that the model lacks."""

    adjustment: Adjustment | None = None
    lacks: Trait = ""


VITAL = frozenset(
    ("model", "messages", "input", "stream", "tools", "system", "instructions", "max_tokens", "prompt")
)
"""Never left out; `max_tokens` may be limited and renamed."""

# Texts come from anywhere and may be thousands of letters without a space: every repetition has an end.
_NAME = r"[`'\"“]?(?P<path>[A-Za-z_][\w.\[\]-]{0,99})[`'\"”]?"
_UNKNOWN = tuple(
    Phrase(pattern)
    for pattern in (
        rf"^(?:body\.)?{_NAME}: (?:Extra inputs are not permitted|.{{0,40}}is not supported)",  # Anthropic
        r"(?:unsupported|unknown|unrecognized|unexpected|invalid) (?:request )?"
        rf"(?:parameter|argument|field|key|name|property)(?: supplied| provided)?s?:? {_NAME}",
        rf"unknown (?:name|field),? {_NAME}",  # Gemini, serde, Go
        rf"(?:parameter|argument|field|property|option|keyword argument):? {_NAME} (?:is |was )?"
        r"(?:not (?:supported|permitted|allowed|recognized)|unsupported|unexpected|unknown|invalid)",
        rf"does not support (?:the )?(?:parameter )?{_NAME}(?: parameter| field| option|\.|$)",
        rf"got an unexpected keyword argument {_NAME}",
        rf"additional properties are not allowed \({_NAME}",
        rf"^{_NAME} is not supported (?:with|by|for|on) (?:this|the) (?:model|endpoint|api)",
        rf"^{_NAME}: (?:unknown|unrecognized|unexpected) ",
        rf"(?<![\w.-]){_NAME} (?:is )?deprecated for this model",
    )
)
_USE_INSTEAD = Phrase(r"use [`'\"](?P<name>[A-Za-z_]\w*)[`'\"] instead")
_ALLOWED = Phrase(
    r"(?:supported values are|must be one of|expected one of|should be(?: one of)?|allowed values:?|valid values:?"
    r"|available options:?)[:\s\[(]*(?P<words>(?:[`'\"]?[\w-]+[`'\"]?(?:, (?:and |or )?| and | or |,|\|)?){1,10})",
)
_UP_TO = r"(?:less than or equal to|<=|not exceed|no more than|at most|up to|maximum(?: value| allowed)?(?: is| of|:)?)"
_MOST = tuple(
    Phrase(pattern)
    for pattern in (
        r"(?P<path>max_\w{0,20}tokens): \d+ > (?P<most>\d+)",  # Anthropic
        r"(?P<path>max_\w{0,20}tokens)\D{0,60}[\[(]\s*\d+\s*,\s*(?P<most>\d+)\s*[\])]",  # DeepSeek, Qwen
        r"(?P<path>max_\w{0,20}tokens) is too large: \d+\. This model supports at most (?P<most>\d+)",  # OpenAI
        r"(?P<path>max_\w{0,20}tokens)\D{0,50}(?:\d+\D{1,30})?"
        rf"{_UP_TO}\D{{0,12}}(?P<most>\d+)",
        rf"(?P<path>budget_tokens)\D{{0,50}}{_UP_TO}\D{{0,12}}(?P<most>\d+)",
    )
)
_DEFAULT_ONLY = Phrase(
    r"only the default \((?P<value>[^)]+)\) value is supported"
    r"|(?:must|can only|may only) be (?:set to )?(?P<fixed>[\d.]+)(?: (?:when|for|with|on)|$|\.)"
    r"|invalid temperature: only (?P<only>[\d.]+) is allowed",
)
_NOT_BOTH = Phrase(r"[`'\"]?temperature[`'\"]? and [`'\"]?top_p[`'\"]? cannot both be")
_LACKS: tuple[tuple[Trait, Phrase], ...] = tuple(
    (trait, Phrase(pattern))
    for trait, pattern in (
        (
            "images",
            r"(?:does not|doesn't|cannot|do not) (?:support|accept|process|handle) (?:image|vision|multimodal)"
            r"|image(?:s| inputs?| content|_url)?[^.]{0,30}(?:is|are) not supported|no (?:vision|image) support"
            r"|unknown variant `image_url`|not a (?:vision|multimodal) model|image input is not (?:enabled|supported)"
            r"|at most 0 image",
        ),
        (
            "tools",
            r"(?:model|endpoint|provider)[^.]{0,60}(?:does not|doesn't|do not) support "
            r"(?:tools?(?! choice)|tool use|tool calling|function calling|functions)\b"
            r"|^\S+ (?:does not|doesn't) support tools\.?$"  # Ollama
            r"|no endpoints found that support tool use"
            r"|tool (?:use|calling) is not supported (?:by|with|for) (?:this|the) model",
        ),
        (
            "developer_role",
            r"(?:unknown variant|unexpected role|invalid role|unsupported role|role)[^.]{0,24}[`'\"]?developer[`'\"]?"
            r"|[`'\"]developer[`'\"] (?:is not|was unexpected|role)",
        ),
        (
            "system_role",
            r"system (?:role|messages?) (?:is|are)? ?not supported|unexpected role [`'\"]?system"
            r"|does not support (?:the )?system (?:role|messages?|prompts?)|developer instruction is not enabled",
        ),
        (
            "compaction",
            r"(?:invalid|unsupported|unknown|unexpected|unrecognized)[^.]{0,60}compaction_trigger"
            r"|tag [`'\"]compaction_trigger[`'\"] found"  # pydantic: vLLM, SGLang
            r"|compaction_trigger[`'\"]? (?:is not|isn't) (?:a )?(?:supported|valid|known|allowed)",
        ),
        (
            "thoughtless_turns",
            r"missing [`'\"]?reasoning_content"  # DeepSeek
            r"|reasoning_content[`'\"]? (?:is missing in|in the thinking mode must be passed)",  # Kimi, DeepSeek
        ),
    )
)
_OF_FORMAT: dict[Trait, Format] = {
    "system_role": "chat",
    "thoughtless_turns": "chat",
    "compaction": "responses",
}
"""Traits that only requests of one format need."""
_ELSEWHERE = {
    "effort": ("output_config.effort", "reasoning.effort", "reasoning_effort"),
    "reasoning_effort": ("reasoning.effort", "output_config.effort"),
    "budget_tokens": ("thinking.budget_tokens",),
    "verbosity": ("text.verbosity",),
    "json_schema": ("response_format", "text.format"),
}
"""Where a parameter stands that errors name without its path."""

_TEACHABLE = frozenset(("unsupported_parameter", "invalid_request"))


def lesson_of(error: UpstreamError, form: Format, has_path: Callable[[str], bool]) -> Lesson | None:
    """What the refusal teaches; None if nothing that is certain. `has_path` says whether the request has a path."""
    if error.error_class not in _TEACHABLE or error.status not in (0, 400, 403, 404, 415, 422, 500):
        return None
    if error.status not in (400, 422) and not error.param and error.error_class != "unsupported_parameter":
        return None
    for trait, pattern in _LACKS:
        if pattern.search(error.message) and _has_trait(trait, form, has_path):
            return Lesson(lacks=trait)
    for reader in (_limited, _renamed, _fixed, _one_of_two, _worded, _unknown):
        lesson = reader(error)
        if lesson is not None and (found := _found(lesson, has_path)):
            return found
    return None


def _found(lesson: Lesson, has_path: Callable[[str], bool]) -> Lesson | None:
    """The lesson with the path under which the request has the parameter; None if it has not."""
    adjustment = lesson.adjustment
    assert adjustment is not None
    for path in (adjustment.path, *_ELSEWHERE.get(adjustment.path, ())):
        if has_path(path):
            return Lesson(adjustment._replace(path=path))
    return None


def _has_trait(trait: Trait, form: Format, has_path: Callable[[str], bool]) -> bool:
    if trait == "tools":
        return has_path("tools")
    return _OF_FORMAT.get(trait, form) == form


def _limited(error: UpstreamError) -> Lesson | None:
    for pattern in _MOST:
        if found := pattern.search(error.message):
            path = _normal(error.param) if error.param.endswith(found["path"]) else found["path"]
            return Lesson(Adjustment(path, "most", found["most"]))
    return None


def _renamed(error: UpstreamError) -> Lesson | None:
    path, instead = _path_in(error), _USE_INSTEAD.search(error.message)
    if not path or instead is None or path in VITAL - {"max_tokens"} or instead["name"] == path:
        return None
    return Lesson(Adjustment(path, "rename", instead["name"]))


def _fixed(error: UpstreamError) -> Lesson | None:
    """Sampling that cannot be chosen is left out: the default holds then, whatever it is."""
    if not _DEFAULT_ONLY.search(error.message):
        return None
    path = _path_in(error) or next(
        (name for name in ("temperature", "top_p", "top_k") if name in error.message), ""
    )
    return Lesson(Adjustment(path, "drop")) if path and _may_drop(path) else None


def _one_of_two(error: UpstreamError) -> Lesson | None:
    return Lesson(Adjustment("top_p", "drop")) if _NOT_BOTH.search(error.message) else None


def _worded(error: UpstreamError) -> Lesson | None:
    """Only some words are understood: the nearest effort is taken, any other parameter is left out."""
    path, found = _path_in(error), _ALLOWED.search(error.message)
    if not path or found is None or not _may_drop(path):
        return None
    words = [word for word in re.findall(r"[\w-]+", found["words"]) if word not in ("and", "or")]
    if not path.endswith("effort"):
        return Lesson(Adjustment(path, "drop")) if error.error_class == "unsupported_parameter" else None
    return Lesson(Adjustment(path, "one_of", ",".join(words)))


def _unknown(error: UpstreamError) -> Lesson | None:
    if error.error_class != "unsupported_parameter" and not any(
        pattern.search(error.message) for pattern in _UNKNOWN
    ):
        return None
    path = _path_in(error).removesuffix(".type")  # an object without its type says nothing
    return Lesson(Adjustment(path, "drop")) if path and _may_drop(path) else None


def _path_in(error: UpstreamError) -> str:
    """The parameter that the error is about: by its `param`, else as its sentence names it."""
    if error.param:
        return _normal(error.param)
    for pattern in _UNKNOWN:
        if found := pattern.search(error.message):
            return _normal(found["path"])
    if found := re.search(r"unsupported value: [`'\"](?P<path>[\w.]+)[`'\"]", error.message, re.IGNORECASE):
        return _normal(found["path"])
    return ""


def _normal(path: str) -> str:
    """`body.tools[3].strict` and `tools.3.strict` are `tools.*.strict`."""
    dotted = re.sub(r"\[(\w*)\]", r".\1", path.strip("`'\" ")).removeprefix("body.").strip(".")
    return ".".join("*" if part.isdigit() or not part else part for part in dotted.split("."))


def _may_drop(path: str) -> bool:
    """Whether a request without it still says what it is about: an inner field of a list may go, the list may not."""
    parts = path.split(".")
    if parts[0] not in VITAL:
        return True
    return len(parts) > 2 and parts[-1] not in ("*", "content", "role", "text", "type", "name", "input", "id")
