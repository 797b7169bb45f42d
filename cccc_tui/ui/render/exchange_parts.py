"""The parts of the detail of an exchange, each as a document."""

from __future__ import annotations

from typing import NamedTuple

from cccc_tui.locales import N_, _
from cccc_tui.traffic import measure
from cccc_tui.traffic.exchange import Attempt, Exchange
from cccc_tui.traffic.transcript import Transcript
from cccc_tui.ui.render import numbers
from cccc_tui.ui.render.bodies import (
    answer_section,
    body_sections,
    bytes_section,
    event_section,
    header_lines,
    heading,
    is_event_stream,
    joined,
    top_level_changes,
)
from cccc_tui.ui.render.cells import UNKNOWN, Line, Run, Tone, cell_width, safe
from cccc_tui.ui.render.document import Document, Section, styled
from cccc_tui.ui.render.exchange_row import client_tone
from cccc_tui.ui.render.glyphs import Glyphs
from cccc_tui.ui.render.status import exchange_mark, status_mark
from cccc_tui.ui.render.timing import timing_lines

PARTS = (
    ("request", N_("Request")),
    ("sent", N_("As sent")),
    ("response", N_("Response")),
    ("timing", N_("Timing")),
    ("attempts", N_("Attempts")),
    ("route", N_("Route")),
)
"""Ids and titles of the parts, in order."""


class Look(NamedTuple):
    """What a part depends on besides the exchange."""

    now: float
    width: int
    glyphs: Glyphs
    raw: bool = False


def part(name: str, exchange: Exchange, transcript: Transcript, look: Look) -> Document:
    """One part, to be shown in a text view."""
    match name:
        case "request":
            return request_part(exchange, look)
        case "sent":
            return sent_part(exchange, look)
        case "response":
            return response_part(exchange, transcript, look)
        case "timing":
            return Document(styled(timing_lines(exchange, look.now, look.width, look.glyphs)))
        case "attempts":
            return Document(styled(attempts_lines(exchange, look.glyphs)))
    return Document(styled(route_lines(exchange)))


def head_line(exchange: Exchange, look: Look) -> Line:
    """The first line of the detail: who asked for what, where it went, how it stands."""
    upstream = safe(measure.upstream_model(exchange))
    model = f"{safe(exchange.model)} {look.glyphs.arrow} {upstream}" if upstream else safe(exchange.model)
    runs = [
        Run(f"#{exchange.id}  ", "dim"),
        exchange_mark(exchange, look.glyphs).run,
        Run("  "),
        Run(safe(exchange.client), client_tone(exchange.client)),
        Run("  "),
        Run(model or UNKNOWN, "strong"),
        Run("  " + _("by") + " ", "dim"),
        Run(safe(exchange.endpoint) or UNKNOWN),
        Run(
            "  " + numbers.duration(measure.elapsed_s(exchange, look.now)),
            "plain" if exchange.is_over else "busy",
        ),
    ]
    return tuple(runs)


def facts_line(exchange: Exchange) -> Line:
    """The second line: what was asked and what it cost."""
    sent, out = numbers.count(measure.tokens_in(exchange)), numbers.count(measure.tokens_out(exchange))
    facts = [
        f"{exchange.method} {safe(exchange.path)}",
        exchange.format or _("format unknown"),
        numbers.clock(exchange.began_at),
        _("tokens {sent} in, {out} out").format(sent=sent, out=out),
    ]
    if exchange.stop_reason:
        facts.append(_("stopped: {reason}").format(reason=safe(exchange.stop_reason)))
    return (Run(" · ".join(facts), "dim"),)


def request_part(exchange: Exchange, look: Look) -> Document:
    """What the client sent."""
    why_client = exchange.client_reason or _("no reason kept")
    facts = [
        (_("client"), f"{exchange.client}  ({why_client})"),
        (_("session"), exchange.session or UNKNOWN),
        (_("tags"), ", ".join(exchange.tags) or UNKNOWN),
        (_("thinking"), _("yes") if exchange.thinking else _("no")),
        (_("streamed"), _("yes") if exchange.streamed else _("no")),
    ]
    body = heading(_("Body as received"), numbers.size(exchange.request_bytes or None), look.glyphs)
    return Document(
        *joined(
            [
                styled(_table(facts)),
                styled([heading(_("Headers"), "", look.glyphs), *header_lines(exchange.request_headers)]),
                [styled([body]), *body_sections(exchange.request_body, look.raw)],
            ]
        )
    )


def sent_part(exchange: Exchange, look: Look) -> Document:
    """What went upstream, and how it differs from what the client sent."""
    attempt = measure.last_attempt(exchange)
    if attempt is None:
        return Document(styled([(Run(_("Nothing has been sent upstream yet."), "dim"),)]))
    head = [
        heading(
            _("Sent to {endpoint}").format(endpoint=safe(attempt.endpoint)), safe(attempt.url), look.glyphs
        )
    ]
    head += header_lines(attempt.request_headers)
    return Document(
        *joined([styled(head), styled(changes_lines(exchange, attempt, look)), _sent_body(attempt, look)])
    )


def _sent_body(attempt: Attempt, look: Look) -> list[Section]:
    if attempt.sent_body is None:
        text = _("The body went upstream byte for byte as received.")
        return [styled([heading(_("Body as sent"), "", look.glyphs), (Run(text, "dim"),)])]
    title = heading(_("Body as sent"), numbers.size(len(attempt.sent_body)), look.glyphs)
    return [styled([title]), bytes_section(attempt.sent_body, look.raw)]


def changes_lines(exchange: Exchange, attempt: Attempt, look: Look) -> list[Line]:
    """What was changed on the way: the notes, and the top-level keys that differ."""
    lines: list[Line] = [heading(_("Changed on the way"), "", look.glyphs)]
    lines += [(Run("  " + safe(note), "warn"),) for note in attempt.notes]
    received = exchange.request_body
    if attempt.sent_body is not None and received is not None and not received.missing_bytes:
        lines += top_level_changes(received.head + received.tail, attempt.sent_body)
    return lines if len(lines) > 1 else [*lines, (Run(_("nothing"), "dim"),)]


def response_part(exchange: Exchange, transcript: Transcript, look: Look) -> Document:
    """What the client got: for a stream what it says, or with `raw` its events."""
    sections: list[list[Section] | Section] = []
    if exchange.error:
        sections.append(styled([(Run(f"{look.glyphs.failed} {safe(exchange.error)}", "error"),)]))
    sections.append(
        styled([heading(_("Headers"), "", look.glyphs), *header_lines(exchange.response_headers)])
    )
    note = numbers.size(exchange.response_bytes or None)
    if is_event_stream(exchange.response_headers, exchange.response_body):
        sections.append(_stream(transcript, note, look))
    elif exchange.response_body is None and not exchange.is_over:
        sections.append(styled([(Run(_("Nothing has come yet."), "dim"),)]))
    else:
        body = styled([heading(_("Body"), note, look.glyphs)])
        sections.append([body, *body_sections(exchange.response_body, look.raw)])
    return Document(*joined(sections))


def _stream(transcript: Transcript, note: str, look: Look) -> list[Section]:
    count = _("{count} events").format(count=len(transcript.events))
    if look.raw or not transcript.pieces:
        return [styled([heading(_("Events"), f"{count}, {note}", look.glyphs)]), event_section(transcript)]
    return [
        styled([heading(_("Answer"), f"{count}, {note}", look.glyphs)]),
        answer_section(transcript, look.glyphs),
    ]


def attempts_lines(exchange: Exchange, glyphs: Glyphs) -> list[Line]:
    """Every upstream try, in order."""
    if not exchange.attempts:
        return [(Run(_("No endpoint has been asked."), "dim"),)]
    lines: list[Line] = []
    for number, attempt in enumerate(exchange.attempts, 1):
        lines += [*_attempt_lines(number, attempt, exchange.is_over, glyphs), ()]
    return lines[:-1]


def _attempt_lines(number: int, attempt: Attempt, is_over: bool, glyphs: Glyphs) -> list[Line]:
    running = not is_over and attempt.ended_s is None and not attempt.error
    state = (
        Run(f"{glyphs.waiting} " + _("running"), "busy")
        if running
        else status_mark(attempt.status, glyphs).run
    )
    ended = None if attempt.ended_s is None else attempt.ended_s - attempt.began_s
    title: Line = (Run(f"{number}  ", "dim"), Run(safe(attempt.endpoint), "strong"), Run("  "), state)
    title = (*title, Run("  " + numbers.duration(ended), "plain"))
    facts = [
        (_("url"), attempt.url),
        (_("asked for"), f"{attempt.model or UNKNOWN} ({attempt.format})"),
        (_("times"), _moments(attempt)),
        (_("request id"), attempt.upstream_request_id or UNKNOWN),
    ]
    lines = [title, *_table(facts, indent=3)]
    if attempt.error:
        kind = f" [{attempt.error_class}]" if attempt.error_class else ""
        lines += _table([(_("error"), attempt.error + kind)], indent=3, tone="error")
    if attempt.verdict:
        lines += _table([(_("verdict"), attempt.verdict)], indent=3, tone="warn")
    return lines + _table([(_("changed"), note) for note in attempt.notes], indent=3)


def _moments(attempt: Attempt) -> str:
    moments = [
        (_("sent"), attempt.sent_s),
        (_("headers"), attempt.headers_s),
        (_("content"), attempt.first_content_s),
        (_("ended"), attempt.ended_s),
    ]
    return " · ".join(f"{name} {numbers.duration(at)}" for name, at in moments)


def route_lines(exchange: Exchange) -> list[Line]:
    """Every endpoint with its place, or why it has none."""
    if not exchange.route:
        return [(Run(_("The route has not been chosen."), "dim"),)]
    width = max(cell_width(each.endpoint) for each in exchange.route)
    lines: list[Line] = []
    for each in sorted(exchange.route, key=lambda each: (each.place is None, each.place or 0)):
        place = f"{each.place}." if each.place is not None else UNKNOWN
        name = safe(each.endpoint) + " " * (width - cell_width(each.endpoint))
        tone: Tone = "dim" if each.place is None else "strong"
        used = (
            Run("  " + _("answered"), "ok")
            if each.endpoint == exchange.endpoint and exchange.is_over
            else Run("")
        )
        lines.append((Run(f"{place:>3} ", tone), Run(name, tone), Run("  " + safe(each.reason)), used))
    return lines


def _table(facts: list[tuple[str, str]], indent: int = 0, tone: Tone = "plain") -> list[Line]:
    width = 14
    return [
        (Run(" " * indent + name + " " * max(1, width - cell_width(name)), "dim"), Run(safe(value), tone))
        for name, value in facts
    ]


def summary_lines(exchange: Exchange, look: Look) -> list[Line]:
    """The exchange in short, for the pane beside the list."""
    lines: list[Line] = [
        head_line(exchange, look),
        facts_line(exchange),
        (),
    ]
    if exchange.error:
        lines += [(Run(f"{look.glyphs.failed} {safe(exchange.error)}", "error"),), ()]
    lines += [*timing_lines(exchange, look.now, look.width, look.glyphs), ()]
    lines += [heading(_("Attempts"), "", look.glyphs), *attempts_lines(exchange, look.glyphs), ()]
    return [*lines, heading(_("Route"), "", look.glyphs), *route_lines(exchange)]
