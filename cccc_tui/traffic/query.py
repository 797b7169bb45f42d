"""The filter language of the request list: text in, a predicate over exchanges out.

    claude                a word: in the client, model, endpoint, path, error, session, tags, state or status
    "rate limit"          words in this order
    model:opus            a field that contains the text; * and ? are wildcards for the whole field
    state:failed,waiting  one of several values
    status:5xx            a status with open digits; status:200 and status>=400 work too
    time>2s               a comparison: > >= < <= =, with a unit where the field has one
    >500ms  >10kb         the unit names the field: a time, a size
    !codex                not
    a b                   both
    a | b                 either
    (a | b) !c            grouped

Text fields: client, model, endpoint, status, state, format, session, path, method, tag, error.
Number fields: time, first (time to first content), tokens, in, out, cache, attempts, size, tps (tokens a
second), status, id. Times take ms, s, m or h (seconds without a unit), sizes kb or mb, the others k or m.

Case never matters. A number that is not known yet (the time of a running request) matches no comparison.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import NamedTuple

from cccc_tui.locales import N_, _
from cccc_tui.traffic.exchange import Exchange
from cccc_tui.traffic.measure import NUMBERS

Predicate = Callable[[Exchange], bool]
Reader = Callable[[Exchange], Iterator[str]]


class Query(NamedTuple):
    """A compiled filter."""

    text: str
    matches: Predicate

    @property
    def is_empty(self) -> bool:
        return not self.text


class QueryProblem(NamedTuple):
    """Why a filter cannot be understood."""

    message: str
    """A sentence for a person."""
    column: int
    """Where in the text, from 0."""


ALL = Query("", lambda exchange: True)
"""The filter that lets everything through."""


def compile_query(text: str) -> Query | QueryProblem:
    """The predicate that `text` describes, or what is wrong with it and where."""
    try:
        tokens = list(_tokens(text))
        if not tokens:
            return ALL
        parser = _Parser(tokens, len(text))
        predicate = parser.either()
        parser.expect_end()
    except _Unclear as unclear:
        return QueryProblem(unclear.message, unclear.column)
    return Query(text.strip(), predicate)


class _Unclear(Exception):
    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


# ── text fields ──

TEXT_FIELDS: dict[str, Reader] = {}


def _field(*names: str) -> Callable[[Reader], Reader]:
    def register(read: Reader) -> Reader:
        TEXT_FIELDS.update(dict.fromkeys(names, read))
        return read

    return register


@_field("client")
def _client(exchange: Exchange) -> Iterator[str]:
    yield exchange.client


@_field("model")
def _model(exchange: Exchange) -> Iterator[str]:
    yield exchange.model
    for attempt in exchange.attempts:
        yield attempt.model


@_field("endpoint")
def _endpoint(exchange: Exchange) -> Iterator[str]:
    yield exchange.endpoint
    for attempt in exchange.attempts:
        yield attempt.endpoint


@_field("state")
def _state(exchange: Exchange) -> Iterator[str]:
    yield exchange.state


@_field("format")
def _format(exchange: Exchange) -> Iterator[str]:
    yield exchange.format or ""


@_field("session")
def _session(exchange: Exchange) -> Iterator[str]:
    yield exchange.session


@_field("path")
def _path(exchange: Exchange) -> Iterator[str]:
    yield exchange.path


@_field("method")
def _method(exchange: Exchange) -> Iterator[str]:
    yield exchange.method


@_field("tag", "tags")
def _tag(exchange: Exchange) -> Iterator[str]:
    yield from exchange.tags


@_field("error")
def _error(exchange: Exchange) -> Iterator[str]:
    yield exchange.error
    for attempt in exchange.attempts:
        yield attempt.error
        yield attempt.error_class


def _everything(exchange: Exchange) -> Iterator[str]:
    for read in (_client, _model, _endpoint, _path, _state, _error, _session, _tag):
        yield from read(exchange)
    yield str(exchange.status or "")


def _contains(read: Reader, wanted: str) -> Predicate:
    needle = wanted.lower()
    if "*" in needle or "?" in needle:
        whole = re.compile(translate(needle)).match
        return lambda exchange: any(whole(text.lower()) for text in read(exchange))
    return lambda exchange: any(needle in text.lower() for text in read(exchange))


def _has_status(pattern: str) -> Predicate | None:
    """`5xx`, `50x`, `429`; None when it is no status."""
    if not re.fullmatch(r"[1-5][0-9x]{2}", pattern.lower()):
        return None
    digits = re.compile(pattern.lower().replace("x", "[0-9]"))
    return lambda exchange: bool(digits.fullmatch(str(exchange.status)))


# ── comparisons ──

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_TIME_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_COUNT_UNITS = {"k": 1e3, "m": 1e6, "": 1.0}
_SIZE_UNITS = {"b": 1.0, "k": 1024.0, "kb": 1024.0, "m": 1024.0**2, "mb": 1024.0**2, "": 1.0}
_UNITS = {"time": _TIME_UNITS, "first": _TIME_UNITS, "size": _SIZE_UNITS}
_FIELD_OF_UNIT = {"ms": "time", "s": "time", "h": "time", "b": "size", "kb": "size", "mb": "size"}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([a-z]*)")


def _comparison(field: str, sign: str, value: str, column: int) -> Predicate:
    amount = _QUANTITY.fullmatch(value.lower())
    if not amount:
        message = _("After {sign} a number is expected, like 2s, 500ms or 10k")
        raise _Unclear(message.format(sign=sign), column)
    number, unit = float(amount[1]), amount[2]
    field = field or _FIELD_OF_UNIT.get(unit, "")
    if not field:
        raise _Unclear(_("A number of what? Write time>2s, tokens>10k or attempts>1"), column)
    units = _UNITS.get(field, _COUNT_UNITS)
    if unit not in units:
        known = ", ".join(name for name in units if name)
        message = _("{unit} is no unit of {field}: take {known}")
        raise _Unclear(message.format(unit=unit, field=field, known=known), column)
    return _compares(NUMBERS[field], _COMPARE[sign], number * units[unit])


def _compares(
    read: Callable[[Exchange], float | None], compare: Callable[[float, float], bool], limit: float
) -> Predicate:
    def predicate(exchange: Exchange) -> bool:
        number = read(exchange)
        return number is not None and compare(number, limit)

    return predicate


# ── the parser ──


class _Token(NamedTuple):
    kind: str
    """`word`, or one of ( ) | ! by itself."""
    text: str
    column: int


_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()|!])|(?P<word>(?:"[^"]*"|[^\s()|"])+)|(?P<open>"))""",
    re.VERBOSE,
)
_TERM = re.compile(r"(?P<field>[A-Za-z]*)(?P<sign>:|>=|<=|>|<|=)(?P<value>.*)", re.DOTALL)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or ""
        column = match.start(kind)
        if kind == "open":
            raise _Unclear(_("A quote is not closed"), column)
        yield _Token(match[kind] if kind == "mark" else "word", match[kind], column)
        position = match.end()


class _Parser:
    """Recursive descent over: either = both ("|" both)*; both = one+;
    one = "!" one | "(" either ")" | term."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = end

    def either(self) -> Predicate:
        parts = [self._both()]
        while self._take("|"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda exchange: any(part(exchange) for part in parts)

    def expect_end(self) -> None:
        if token := self._peek():
            raise _Unclear(_("This ) closes nothing"), token.column)

    def _both(self) -> Predicate:
        parts = [self._one()]
        while (token := self._peek()) and token.kind not in "|)":
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda exchange: all(part(exchange) for part in parts)

    def _one(self) -> Predicate:
        token = self._peek()
        if token is None or token.kind in "|)":
            raise _Unclear(_("Something to look for is missing here"), token.column if token else self._end)
        self._next += 1
        if token.kind == "!":
            part = self._one()
            return lambda exchange: not part(exchange)
        if token.kind == "(":
            part = self.either()
            if not self._take(")"):
                raise _Unclear(_("This ( is not closed"), token.column)
            return part
        return _term(token)

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind:
            return False
        self._next += 1
        return True


def _term(token: _Token) -> Predicate:
    term = None if token.text.startswith('"') else _TERM.fullmatch(token.text)
    if not term:
        return _contains(_everything, token.text.replace('"', ""))
    field, sign, value = term["field"].lower(), term["sign"], term["value"]
    if sign == ":" or (sign == "=" and field in TEXT_FIELDS):
        return _text_term(field, value, token)
    if field and field not in NUMBERS:
        raise _Unclear(_unknown(field, NUMBERS), token.column)
    return _comparison(field, sign, value, token.column + term.start("value"))


def _text_term(field: str, value: str, token: _Token) -> Predicate:
    wanted = [part.replace('"', "") for part in value.split(",") if part]
    if field == "status":
        return _status_term(wanted, token)
    if field in NUMBERS and wanted:
        parts = [_comparison(field, "=", part, token.column + len(field) + 1) for part in wanted]
    elif field not in TEXT_FIELDS:
        raise _Unclear(_unknown(field, [*TEXT_FIELDS, "status"]), token.column)
    else:
        parts = [_contains(TEXT_FIELDS[field], part) for part in wanted]
    if not parts:
        raise _Unclear(_("A value is missing after the colon"), token.column + len(field) + 1)
    return lambda exchange: any(part(exchange) for part in parts)


def _status_term(wanted: list[str], token: _Token) -> Predicate:
    parts = [_has_status(part) for part in wanted]
    known = [part for part in parts if part]
    if not known or len(known) < len(parts):
        raise _Unclear(_("A status is written 200, 42x or 5xx"), token.column + len("status:"))
    return lambda exchange: any(part(exchange) for part in known)


_UNKNOWN = N_("There is no field {field}; there are {known}")


def _unknown(field: str, known: object) -> str:
    names = ", ".join(known) if isinstance(known, (list, dict)) else ""
    return _(_UNKNOWN).format(field=field or ":", known=names)
