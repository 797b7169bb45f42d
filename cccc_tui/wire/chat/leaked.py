"""Tool calls that open models leak into their text, in the dialects that an endpoint's rules name.

| dialect  | looks like                                                                        |
|----------|-----------------------------------------------------------------------------------|
| hermes   | `<tool_call>{"name": …, "arguments": {…}}</tool_call>`                              |
| qwen     | `<tool_call><function=NAME><parameter=KEY>VALUE</parameter></function></tool_call>` |
| kimi     | `<|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{…}<|tool_call_end|>` |
| deepseek | `<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{…}<｜tool▁call▁end｜>` (older: `function` first;    |
|          | newer: `<｜DSML｜invoke name="NAME"><｜DSML｜parameter name="KEY" string="true">…`)         |
| mistral  | `[TOOL_CALLS][{"name": …, "arguments": {…}}]` or `[TOOL_CALLS]NAME[ARGS]{…}`        |

Text streams on until a marker may begin; from a marker on it is held until the call is whole. What turns out
to be no call is given out as the text that it was.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec

from cccc_tui.wire.chat.calls import CallDelta, FunctionDelta
from cccc_tui.wire.parts import encode, json_arguments, json_object, try_decode
from cccc_tui.wire.repair import as_python

Piece = str | CallDelta


class _Dialect(NamedTuple):
    begin: str
    end: str


_DIALECTS: Final[dict[str, tuple[_Dialect, ...]]] = {
    "hermes": (_Dialect("<tool_call>", "</tool_call>"),),
    "qwen": (_Dialect("<tool_call>", "</tool_call>"), _Dialect("<function=", "</function>")),
    "kimi": (
        _Dialect("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
        _Dialect("<|tool_call_begin|>", "<|tool_call_end|>"),
    ),
    "deepseek": (
        _Dialect("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        _Dialect("<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>"),
        _Dialect("<｜DSML｜function_calls>", "</｜DSML｜function_calls>"),
    ),
    "mistral": (_Dialect("[TOOL_CALLS]", ""),),
}
DIALECTS: Final = tuple(_DIALECTS)
"""Their names, for the configuration."""

_STRAY: Final = "</tool_call>"
"""What Qwen's models write behind a call that they began without its `<tool_call>`."""

_QWEN: Final = re.compile(
    r"<function=([^>\s]+)>(.*?)</function>(?=\s*(?:<function=|</tool_call>|$))", re.DOTALL
)
_PARAMETER: Final = re.compile(
    r"<parameter=([^>\s]+)>\n?(.*?)\n?</parameter>(?=\s*(?:<parameter=|$))", re.DOTALL
)
_DSML: Final = re.compile(r'<｜DSML｜invoke name="([^"]+)">(.*?)</｜DSML｜invoke>', re.DOTALL)
_DSML_PARAMETER: Final = re.compile(
    r'<｜DSML｜parameter name="([^"]+)" string="(true|false)">(.*?)</｜DSML｜parameter>', re.DOTALL
)
_KIMI: Final = re.compile(
    r"<\|tool_call_begin\|>\s*(?:functions\.)?([\w.-]+?)(?::\d+)?\s*"
    r"<\|tool_call_argument_begin\|>(.*?)<\|tool_call_end\|>",
    re.DOTALL,
)
_DEEPSEEK: Final = re.compile(
    r"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?([\w.-]+)(?:<｜tool▁sep｜>|\n)\s*(?:```json)?(.*?)"
    r"(?:```)?\s*<｜tool▁call▁end｜>",
    re.DOTALL,
)
_MISTRAL: Final = re.compile(
    r"\s*([\w.-]+)(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(\{.*?)(?=\[TOOL_CALLS\]|$)", re.DOTALL
)


class _Call(msgspec.Struct):
    name: str
    arguments: msgspec.Raw = msgspec.Raw(b"{}")
    parameters: msgspec.Raw = msgspec.Raw()


_one = msgspec.json.Decoder(_Call)
_many = msgspec.json.Decoder(list[_Call])


class LeakedCalls:
    """Finds the calls in a text that streams."""

    def __init__(self, dialects: tuple[str, ...]) -> None:
        self._dialects = [form for name in dialects for form in _DIALECTS.get(name, ())]
        self._buffer = ""
        self._space = ""
        """White space in front of a marker: nothing beside a call, but part of what is only text."""
        self._form: _Dialect | None = None
        self._is_behind_call = False

    def feed(self, text: str) -> list[Piece]:
        """Text and whole calls, as far as they can be told by now."""
        self._buffer += text
        pieces: list[Piece] = []
        while self._is_past_gap() and (self._form is not None or self._begin(pieces)):
            if self._form is None or not self._form.end:
                break
            inside, end, self._buffer = self._buffer.partition(self._form.end)
            if not end:
                self._buffer = inside
                break
            calls = _calls(inside + end)
            pieces.extend(calls or [self._space + inside + end])
            self._form, self._space, self._is_behind_call = None, "", bool(calls)
        return pieces

    def end(self) -> list[Piece]:
        """What was held: a call whose end marker never came, or text."""
        rest, form, space = self._buffer, self._form, self._space
        if self._is_behind_call:
            rest = rest.lstrip("\n")
        self._buffer, self._form, self._space, self._is_behind_call = "", None, "", False
        if form is None:
            return [rest] if rest else []
        found = _calls(rest) or _calls(rest + form.end)
        return list(found) or [space + rest]

    def _is_past_gap(self) -> bool:
        """Drops line breaks and a stray end marker behind a call; False as long as more of them may come."""
        if not self._is_behind_call:
            return True
        rest = self._buffer.lstrip()
        if rest.startswith(_STRAY):
            self._buffer = rest = rest.removeprefix(_STRAY).lstrip("\n")
        elif _STRAY.startswith(rest):
            return False
        self._buffer = self._buffer.lstrip("\n")
        self._is_behind_call = not rest
        return bool(rest)

    def _begin(self, pieces: list[Piece]) -> bool:
        """Gives out the text before the first marker; says whether there is a marker."""
        places = [(self._buffer.find(form.begin), form) for form in self._dialects]
        found = [place for place in places if place[0] >= 0]
        if found:
            start, self._form = min(found, key=lambda place: place[0])
        else:
            start = len(self._buffer) - max(
                (_overlap(self._buffer, f.begin) for f in self._dialects), default=0
            )
        before, self._buffer = self._buffer[:start], self._buffer[start:]
        if found and before.isspace():
            self._space = before
        elif before:
            pieces.append(before)
        return bool(found)


def _overlap(text: str, marker: str) -> int:
    return next((n for n in range(min(len(text), len(marker) - 1), 0, -1) if marker.startswith(text[-n:])), 0)


def _calls(block: str) -> list[Piece]:
    """The calls in a marked block, whatever the dialect; none if it holds no call."""
    if block.startswith("[TOOL_CALLS]"):
        return _mistral(block.removeprefix("[TOOL_CALLS]"))
    for pattern in (_KIMI, _DEEPSEEK):
        pairs = pattern.findall(block)
        if pairs:
            return [_made(name, arguments) for name, arguments in pairs]
    for pattern, read in ((_QWEN, _parameters), (_DSML, _dsml_parameters)):
        found = pattern.findall(block)
        if found:
            return [_made(name, read(inside)) for name, inside in found]
    return _hermes(block.removeprefix("<tool_call>").removesuffix("</tool_call>").strip())


def _hermes(inside: str) -> list[Piece]:
    """One object or a list of them, as JSON or as Python writes it."""
    calls = try_decode(_many, inside if inside.startswith("[") else f"[{inside}]")
    if calls is None:
        call = try_decode(_one, as_python(inside))
        calls = [call] if call is not None else []
    return [_from(call) for call in calls]


def _mistral(block: str) -> list[Piece]:
    calls = try_decode(_many, block.strip())
    if calls is not None:
        return [_from(call) for call in calls]
    return [_made(name, arguments) for name, arguments in _MISTRAL.findall(block)]


def _from(call: _Call) -> CallDelta:
    return _made(call.name, json_arguments(call.parameters or call.arguments))


def _made(name: str, arguments: str) -> CallDelta:
    return CallDelta(None, None, FunctionDelta(name, arguments.strip() or "{}"))


def _parameters(inside: str) -> str:
    """Qwen writes each parameter bare: what reads as a JSON value is one, the rest is text."""
    found: dict[str, object] = {}
    for key, value in _PARAMETER.findall(inside):
        found[key] = msgspec.Raw(value.encode()) if _is_json(value) else value
    return encode(found).decode()


def _dsml_parameters(inside: str) -> str:
    """DeepSeek says of each parameter whether it is text or JSON."""
    found: dict[str, object] = {}
    for key, is_text, value in _DSML_PARAMETER.findall(inside):
        found[key] = msgspec.Raw(value.encode()) if is_text == "false" and _is_json(value) else value
    return encode(found).decode()


def _is_json(value: str) -> bool:
    """Whether the value is one of JSON's own; strings stand bare."""
    return not value.startswith('"') and json_object(f'{{"x":{value}}}') is not None
