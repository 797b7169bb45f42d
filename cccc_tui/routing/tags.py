"""Tags on a request, by which endpoints are chosen: what each built-in tagger looks at, and the short form.

The seven kinds are CCCC's. Departures, each where the original could not work: `*` also crosses line ends;
the thinking tagger knows how real requests ask for thinking; a body is read whatever its `Content-Type`
says; numbers and booleans in it can be compared, not only strings; a user message is the last that has
text, so that the tag holds through all the tool calls of a turn. In the place of its scripts, which saw no body and
ran on after their time, there are expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from cccc_tui.routing.detect import RequestFacts, normal_path
from cccc_tui.routing.expressions import Expression, ExpressionError
from cccc_tui.routing.peek import Peek
from cccc_tui.routing.rewrite import matches

TaggerKind = Literal[
    "path", "header", "query", "body-json", "user-message", "model", "thinking", "expression"
]

TAGGER_KINDS: tuple[TaggerKind, ...] = get_args(TaggerKind)


class TaggerRule(msgspec.Struct, frozen=True, kw_only=True):
    """One tagger: what it looks at, and the tag that it gives."""

    kind: TaggerKind
    tag: str
    config: Mapping[str, Any] = {}
    """By kind: `path_pattern`; `header_name`, `param_name` or `json_path` with `expected_value`;
    `expected_value` alone; `min_budget_tokens`. In values `*` is any run of characters and `?` any one."""
    name: str = ""
    expression: Expression | None = None
    """The condition, for the kind `expression`."""

    def setting(self, key: str) -> str:
        return str(self.config.get(key, ""))


class TagView(msgspec.Struct, frozen=True, kw_only=True):
    """What taggers may see of a request."""

    path: str
    """Without the query string, as the client sent it."""
    headers: Mapping[str, str]
    """By lower-case name."""
    query: Mapping[str, str]
    peek: Peek


class Tagged(NamedTuple):
    """What tagging found."""

    tags: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Taggers that failed or had no time left, each a sentence: they give no tag, and nothing else happens."""


def tags_of(
    facts: RequestFacts,
    request: TagView,
    taggers: Sequence[TaggerRule],
    rules: Sequence[tuple[str, str]] = (),
    is_late: Callable[[], bool] = lambda: False,
) -> Tagged:
    """The tags of a request, each once: those of the taggers, then those of the (model glob, tag) rules.

    `is_late` says that the time for all of it is over.
    """
    given: list[str] = []
    notes: list[str] = []
    for tagger in taggers:
        try:
            if is_late():
                raise ExpressionError("had no time left")
            if _fits(tagger, facts, request, is_late):
                given.append(tagger.tag)
        except ExpressionError as error:
            notes.append(f'tagger "{tagger.name}" {error}')
    given += [tag for pattern, tag in rules if matches(pattern, facts.model)]
    return Tagged(tuple(dict.fromkeys(given)), tuple(notes))


def _fits(tagger: TaggerRule, facts: RequestFacts, request: TagView, is_late: Callable[[], bool]) -> bool:
    match tagger.kind:
        case "expression":
            return tagger.expression is not None and tagger.expression.holds(
                _Names(facts, request), _lookups(request), is_late
            )
        case "path":
            pattern = tagger.setting("path_pattern")
            return any(_matches(pattern, path) for path in {request.path, normal_path(request.path)})
        case "thinking":
            return _thinks_enough(facts, _tokens(tagger.config.get("min_budget_tokens", 0)))
    value = _value(tagger, facts, request)
    return value is not None and _matches(tagger.setting("expected_value"), value)


def _value(tagger: TaggerRule, facts: RequestFacts, request: TagView) -> str | None:
    """What the tagger compares; None where the request has no such thing."""
    match tagger.kind:
        case "header":
            return request.headers.get(tagger.setting("header_name").lower())
        case "query":
            return request.query.get(tagger.setting("param_name"))
        case "body-json":
            return _at(request.peek, tagger.setting("json_path"))
        case "user-message":
            return facts.last_user_text or None
        case "model":
            return facts.model or None
    return None


NAMES: dict[str, Callable[[RequestFacts, TagView], Any]] = {
    "model": lambda facts, _: facts.model,
    "path": lambda _, request: request.path,
    "format": lambda facts, _: facts.format,
    "client": lambda facts, _: facts.client,
    "agent": lambda facts, _: facts.agent,
    "stream": lambda facts, _: facts.streamed,
    "thinking": lambda facts, _: facts.thinking,
    "thinking_tokens": lambda facts, _: facts.thinking_budget,
    "user_message": lambda facts, _: facts.last_user_text,
    "tokens": lambda facts, _: facts.estimated_tokens,
    "images": lambda facts, _: facts.has_images,
}
"""What an expression may name of a request; each is found only when it is named."""


class _Names(Mapping[str, Any]):
    """The names of one request, looked up when an expression says them."""

    def __init__(self, facts: RequestFacts, request: TagView) -> None:
        self._facts = facts
        self._request = request

    def __getitem__(self, name: str) -> Any:
        return NAMES[name](self._facts, self._request)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


LOOKUPS = ("header", "query", "body")


def _lookups(request: TagView) -> dict[str, Callable[[str], Any]]:
    """`header("x-team")`, `query("beta")` and `body("metadata.user_id")`; nothing where there is no such thing."""
    return {
        "header": lambda name: request.headers.get(str(name).lower()),
        "query": lambda name: request.query.get(str(name)),
        "body": lambda path: _found_at(request.peek, str(path)),
    }


def _matches(pattern: str, value: str) -> bool:
    # Tagger patterns know no sets, and people write brackets in messages: here they stand for themselves.
    return matches(pattern.replace("[", "[[]"), value)


def _thinks_enough(facts: RequestFacts, min_budget_tokens: int) -> bool:
    """Thinking without a named budget is as much as the model likes: it passes every minimum."""
    return facts.thinking and (facts.thinking_budget is None or facts.thinking_budget >= min_budget_tokens)


def _at(peek: Peek, path: str) -> str | None:
    """The value at a dotted path, as text: strings as they are, numbers and booleans as JSON writes
    them."""
    value = _found_at(peek, path)
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, bool | int | float) else None


def _found_at(peek: Peek, path: str) -> Any:
    first, *rest = path.split(".")
    value = peek.value(first)
    for step in rest:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _tokens(value: Any) -> int:
    """CCCC takes a number or the text of one; what is neither asks for no minimum."""
    try:
        return max(0, int(float(value)))
    except (TypeError, ValueError, OverflowError):
        return 0
