"""The numbers of an exchange, by name: what filters compare, what lists sort by and what screens show.

A number that is not known is None; it is never shown or compared as 0.
"""

from __future__ import annotations

from collections.abc import Callable

from cccc_tui.traffic.exchange import Attempt, Exchange

Number = Callable[[Exchange], float | None]


def duration_s(exchange: Exchange) -> float | None:
    """From the request's arrival to the end of the answer."""
    return exchange.ended_s


def elapsed_s(exchange: Exchange, now: float) -> float:
    """The duration, or how long it has been running at wall-clock moment `now`."""
    return exchange.ended_s if exchange.ended_s is not None else max(0.0, now - exchange.began_at)


def tokens_total(exchange: Exchange) -> int | None:
    return exchange.usage.total or None


def tokens_in(exchange: Exchange) -> int | None:
    """The whole prompt, cached parts included."""
    usage = exchange.usage
    return (usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens) or None


def tokens_out(exchange: Exchange) -> int | None:
    return exchange.usage.output_tokens or None


def tokens_cached(exchange: Exchange) -> int | None:
    """Prompt tokens read from the provider's cache; None while no prompt has been counted."""
    return exchange.usage.cache_read_tokens if tokens_in(exchange) else None


def tokens_per_s(exchange: Exchange) -> float | None:
    """Speed of the output after the first content; None for an answer that came in one piece."""
    first, ended, out = exchange.first_content_s, exchange.ended_s, exchange.usage.output_tokens
    if first is None or ended is None or not out or ended - first < 0.05:
        return None
    return out / (ended - first)


def attempt_count(exchange: Exchange) -> int:
    return len(exchange.attempts)


def last_attempt(exchange: Exchange) -> Attempt | None:
    return exchange.attempts[-1] if exchange.attempts else None


def upstream_model(exchange: Exchange) -> str:
    """The model asked for upstream where it is not the client's; else empty."""
    attempt = last_attempt(exchange)
    return attempt.model if attempt and attempt.model != exchange.model else ""


NUMBERS: dict[str, Number] = {
    "time": duration_s,
    "first": lambda exchange: exchange.first_content_s,
    "tokens": tokens_total,
    "in": tokens_in,
    "out": tokens_out,
    "cache": tokens_cached,
    "attempts": attempt_count,
    "size": lambda exchange: exchange.response_bytes or None,
    "tps": tokens_per_s,
    "status": lambda exchange: exchange.status or None,
    "id": lambda exchange: exchange.id,
}
"""By the name that the filter language uses."""
