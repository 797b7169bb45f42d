"""A picture that tests send through formats, and every picture that a request holds."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Any

_DATA_URL = "data:image/png;base64,"


def png(red: int, green: int, blue: int, side: int = 1) -> bytes:
    """A square of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes((red, green, blue)) * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pictures(value: Any) -> Iterator[bytes]:
    """Every PNG in a decoded request of any format, in order, wherever it stands."""
    if isinstance(value, dict):
        if value.get("type") == "base64" and value.get("media_type") == "image/png":
            yield base64.b64decode(value["data"])
        for entry in value.values():
            yield from pictures(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from pictures(entry)
    elif isinstance(value, str) and value.startswith(_DATA_URL):
        yield base64.b64decode(value.removeprefix(_DATA_URL))
