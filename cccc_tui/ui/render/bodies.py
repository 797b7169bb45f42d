"""Bodies to read: JSON indented, streams as what they say, anything else as text; or as they went by."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cccc_tui.locales import _
from cccc_tui.traffic.exchange import Body, Headers
from cccc_tui.traffic.transcript import Piece, Transcript
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, Tone, safe
from cccc_tui.ui.render.document import Section, json_text, plain_text, styled
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.json_lines import indented, json_line
from cccc_tui.wire.model import Usage


def heading(title: str, note: str = "", glyphs: Glyphs | None = None) -> Line:
    """The title of a part, with a remark behind it."""
    mark = (glyphs.rule * 2 + " ") if glyphs else ""
    return Run(mark, "dim"), Run(title, "title"), Run(f"  {note}" if note else "", "dim")


def header_lines(headers: Headers) -> list[Line]:
    """One header a line, the names aligned."""
    if not headers:
        return [(Run(_("none kept"), "dim"),)]
    width = min(26, max(len(name) for name, _value in headers))
    return [(Run(f"{safe(name):<{width}}  ", "key"), Run(safe(value))) for name, value in headers]


def body_sections(body: Body | None, raw: bool) -> list[Section]:
    """A body as text: formatted where it is JSON, else as it is; a gap says how much was not kept."""
    if body is None or not body.size_bytes:
        return [styled([(Run(_("No body kept, or none was sent."), "dim"),)])]
    if body.missing_bytes:
        gap = _("{size} in the middle were not kept").format(size=numbers.size(body.missing_bytes))
        line = (Run(f"[… {gap} …]", "warn"),)
        return [_text(body.head), styled([(), line, ()]), _text(body.tail)]
    return [bytes_section(body.head + body.tail, raw)]


def bytes_section(body: bytes, raw: bool) -> Section:
    """Bytes as text: JSON indented unless `raw`."""
    lines = None if raw else indented(body)
    return _text(body) if lines is None else json_text(lines)


def _text(body: bytes) -> Section:
    return plain_text(body.decode("utf-8", "replace"))


_PIECE_TITLES: dict[str, tuple[str, Tone]] = {"thinking": ("thinking", "literal"), "tool": ("tool", "accent")}


def answer_section(transcript: Transcript, glyphs: Glyphs) -> Section:
    """What a streamed answer says, part by part."""
    lines: list[Line] = []
    for piece in transcript.pieces:
        lines += [*_piece_lines(piece, glyphs), ()]
    return styled(lines[:-1])


def _piece_lines(piece: Piece, glyphs: Glyphs) -> list[Line]:
    if piece.kind == "gap":
        size = numbers.size(int(piece.text))
        return [(Run("[… " + _("{size} were not kept").format(size=size) + " …]", "warn"),)]
    if piece.kind == "tool":
        return [heading(_("tool call"), safe(piece.name), glyphs), *_arguments(piece.text)]
    if piece.kind == "thinking":
        return [heading(_("thinking"), "", glyphs), *_text_lines(piece.text, "dim")]
    return _text_lines(piece.text, "plain")


def _text_lines(text: str, tone: Tone) -> list[Line]:
    return [(Run(safe(line), tone),) for line in text.split("\n")]


def _arguments(text: str) -> list[Line]:
    lines = indented(text.encode()) if text else []
    return _text_lines(text, "plain") if lines is None else [json_line(line) for line in lines]


def event_section(transcript: Transcript) -> Section:
    """The events of a stream, one a line."""
    events = transcript.events
    names = max((len(event.name) for event in events), default=0)
    prefixes = [f"{safe(event.name):<{names}}  " if names else "" for event in events]
    texts = [
        prefix + safe(event.data.decode("utf-8", "replace"))
        for prefix, event in zip(prefixes, events, strict=True)
    ]

    def paint(number: int) -> Line:
        prefix = prefixes[number]
        return (Run(prefix, "title"), *json_line(texts[number][len(prefix) :]))

    return Section(texts, paint)


def usage_text(usage: Usage) -> str:
    """`12.3k in · 950 out`; `–` while nothing has been counted."""
    if not usage.total:
        return UNKNOWN
    sent = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return _("{sent} in · {out} out").format(sent=numbers.count(sent), out=numbers.count(usage.output_tokens))


def top_level_changes(received: bytes, sent: bytes) -> list[Line]:
    """The top-level keys that differ between received and sent; none when either is no object."""
    try:
        before, after = (msgspec.json.decode(body, type=dict[str, msgspec.Raw]) for body in (received, sent))
    except msgspec.MsgspecError:
        return []
    lines = []
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None or bytes(old) != bytes(new):
            lines.append(_change(key, old, new))
    return lines


def _change(key: str, old: msgspec.Raw | None, new: msgspec.Raw | None) -> Line:
    if new is None:
        return Run("- ", "error"), Run(f"{safe(key)}: "), Run(_short(old), "dim")
    if old is None:
        return Run("+ ", "ok"), Run(f"{safe(key)}: "), Run(_short(new))
    return (
        Run("~ ", "warn"),
        Run(f"{safe(key)}: "),
        Run(_short(old), "dim"),
        Run(" → ", "dim"),
        Run(_short(new)),
    )


def _short(raw: msgspec.Raw | None) -> str:
    text = safe(bytes(raw or b"").decode("utf-8", "replace"))
    return text if len(text) <= 60 else f"{text[:57]}… ({numbers.size(len(text))})"


def is_event_stream(headers: Headers, body: Body | None) -> bool:
    """Whether an answer is a stream of events, by its header or its first bytes."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if kind:
        return "event-stream" in kind
    return body is not None and body.head.startswith((b"event:", b"data:"))


def joined(parts: Sequence[list[Section] | Section]) -> list[Section]:
    """Sections in one list, with an empty line between two parts."""
    result: list[Section] = []
    for part in parts:
        if result:
            result.append(styled([()]))
        result += part if isinstance(part, list) else [part]
    return result
