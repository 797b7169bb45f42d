"""Who made which sealed thought, of those that pass in their own format.

A signature or an encrypted reasoning item is worth something only to the provider that made it, and any other answers
400 to it. In a conversion it says itself who that is (`wire.origins`); what passes untouched stays bare, so it is
remembered here, as a hash, for as long as the program runs. A seal of before is taken for the provider's own until the
provider refuses it, which is cured in the same exchange.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Final

from cccc_tui.wire.errors import UpstreamError
from cccc_tui.wire.seals import UNSIGNED, seals_in

MAX_SEALS: Final = 100_000
_SIGNS_ALL: Final = ("api.anthropic.com",)
"""Hosts that leave no signature empty, and take none that is."""
_REFUSAL: Final = re.compile(
    r"invalid [`'\"]?signature|thinking_signature_invalid|invalid_encrypted_content"
    r"|encrypted content.{0,200} could not be (?:verified|decrypted)",
    re.IGNORECASE | re.DOTALL,
)


def is_refusal(error: UpstreamError) -> bool:
    """Whether the provider says that a sealed thought is none of its own."""
    return error.status in (400, 422) and _REFUSAL.search(f"{error.code} {error.message}") is not None


class SealBook:
    """The makers of the seals that were seen."""

    def __init__(self) -> None:
        self._makers: OrderedDict[int, str] = OrderedDict()
        """By the hash of the seal; an empty name: not who refused it."""
        self._hosts: set[str] = set()
        """Who has made any: as long as it is one alone, nothing has to be looked for."""
        self._signing = {*_SIGNS_ALL}

    def __len__(self) -> int:
        return len(self._makers)

    def made(self, host: str, data: bytes) -> None:
        """Remembers the seals in an answer, or in a piece of it."""
        for seal in seals_in(data):
            self._hosts.add(host)
            if seal != UNSIGNED:
                self._put(seal, host)

    def foreign(self, host: str, body: bytes) -> frozenset[str]:
        """The seals in a request of which it is known that this host did not make them."""
        if self._hosts <= {host}:
            return frozenset()
        found = seals_in(body)
        others = {seal for seal in found if self._makers.get(hash(seal), host) != host}
        if host in self._signing and UNSIGNED in found:
            others.add(UNSIGNED)
        return frozenset(seal.decode("utf-8", "replace") for seal in others)

    def refused(self, host: str, body: bytes) -> bool:
        """Learns from a refusal that the seals of this request are another's; whether that is news.

        It does not say which of them. Those that this host made go too: better one thought lost than the conversation.
        """
        found = seals_in(body)
        news = [seal for seal in found if seal != UNSIGNED and self._makers.get(hash(seal)) != ""]
        for seal in news:
            self._put(seal, "")
        if UNSIGNED in found:
            self._signing.add(host)
            self._hosts.add("")
        return bool(news) or UNSIGNED in found

    def _put(self, seal: bytes, host: str) -> None:
        key = hash(seal)
        self._hosts.add(host)
        self._makers[key] = host
        self._makers.move_to_end(key)
        if len(self._makers) > MAX_SEALS:
            self._makers.popitem(last=False)
