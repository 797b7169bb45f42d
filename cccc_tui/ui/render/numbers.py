"""Numbers as a person reads them: three digits that tell, a unit, and `–` for what is not known."""

from __future__ import annotations

import time

from cccc_tui.ui.render.cells import UNKNOWN


def duration(seconds: float | None) -> str:
    """`840ms`, `6.31s`, `41.7s`, `2m05s`, `1h04m`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f}ms"
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def age(seconds: float | None) -> str:
    """How long ago, in one unit: `5s`, `3m`, `2h`, `4d`."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def clock(at: float | None) -> str:
    """Local time of day, `14:03:22`."""
    return UNKNOWN if at is None else time.strftime("%H:%M:%S", time.localtime(at))


def moment(at: float) -> str:
    """Local date and time, `2026-01-02 03:04:05`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def size(byte_count: int | None) -> str:
    """`512 B`, `20.5 KB`, `3.1 MB`."""
    if byte_count is None:
        return UNKNOWN
    if byte_count < 1_000:
        return f"{byte_count} B"
    amount = byte_count / 1024
    for unit in ("KB", "MB", "GB"):
        if amount < 999.5 or unit == "GB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if amount >= 99.95 else f"{amount:.1f} {unit}"


def count(number: float | None) -> str:
    """`950`, `12.3k`, `2.91M`: tokens and other large counts."""
    if number is None:
        return UNKNOWN
    if number < 1_000:
        return f"{number:.0f}"
    for factor, unit in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        amount = number / factor
        if amount < 999.5 or unit == "G":
            break
    digits = 0 if amount >= 99.95 else 1 if amount >= 9.995 else 2
    return f"{amount:.{digits}f}{unit}"


def per_second(number: float | None) -> str:
    """A speed without its unit, which the header names: `7.2`, `42`."""
    if number is None:
        return UNKNOWN
    return f"{number:.1f}" if number < 9.95 else count(number)


def milliseconds(number: float | None) -> str:
    """A duration that comes in milliseconds."""
    return duration(None if number is None else number / 1000)
