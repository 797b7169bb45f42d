"""Where a citation stands in a text, and which words it stands on.

Anthropic cites a whole block of text and quotes the page; the OpenAI formats cite a stretch between two indexes,
of the message in Chat and of the part in Responses. Each is made of the other here.
"""

from __future__ import annotations

import msgspec

from cccc_tui.wire.model import Citation


def placed(citation: Citation, offset: int, length: int) -> Citation:
    """With the indexes of its stretch in a text whose part, of that length, begins at `offset`."""
    is_known = citation.end > citation.start
    start, end = (citation.start, citation.end) if is_known else (0, length)
    return msgspec.structs.replace(citation, start=offset + start, end=offset + end)


def quoted(citation: Citation, text: str) -> Citation:
    """With the words that it stands on, where the provider quotes none."""
    if citation.cited_text or citation.end <= citation.start:
        return citation
    return msgspec.structs.replace(citation, cited_text=text[citation.start : citation.end])
