"""The last exchanges, bounded by count and by bytes.

The engine adds and touches; readers compare `revision` with the one they saw last and take the ids that
changed. Both sides run on one loop, so there is no lock, and a touch is a set insertion and an increment.
"""

from __future__ import annotations

from collections.abc import Iterator

from cccc_tui.traffic.exchange import Exchange


class Ring:
    """Exchanges by id, oldest first; ids rise by one."""

    def __init__(self, max_count: int = 1_500, max_bytes: int = 64 * 1024 * 1024) -> None:
        self.revision = 0
        """Rises with every change."""
        self.added_total = 0
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._exchanges: dict[int, Exchange] = {}
        self._bytes = 0
        self._readers: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        """Oldest first."""
        return iter(self._exchanges.values())

    def __contains__(self, exchange_id: int) -> bool:
        return exchange_id in self._exchanges

    def get(self, exchange_id: int) -> Exchange | None:
        """None once it has been pushed out."""
        return self._exchanges.get(exchange_id)

    @property
    def next_id(self) -> int:
        return self.added_total + 1

    @property
    def kept_bytes(self) -> int:
        return self._bytes

    def add(self, exchange: Exchange) -> None:
        self.added_total = max(self.added_total + 1, exchange.id)
        self._exchanges[exchange.id] = exchange
        self.touch(exchange.id)

    def touch(self, exchange_id: int) -> None:
        """Marks an exchange as changed for every reader."""
        self.revision += 1
        for dirty in self._readers.values():
            dirty.add(exchange_id)

    def settle(self, exchange: Exchange) -> None:
        """Books the size of an exchange that has ended, and pushes out the oldest that no longer fit."""
        if exchange.id in self._exchanges:
            size_bytes = exchange.kept_bytes
            self._bytes += size_bytes - exchange.booked_bytes
            exchange.booked_bytes = size_bytes
        self.touch(exchange.id)
        if len(self._exchanges) > self._max_count or self._bytes > self._max_bytes:
            self._evict()

    def take_dirty(self, reader: str) -> set[int]:
        """Ids changed (or pushed out) since this reader's last call; a new reader gets all of them."""
        dirty = self._readers.get(reader)
        self._readers[reader] = set()
        return set(self._exchanges) if dirty is None else dirty

    def forget_reader(self, reader: str) -> None:
        self._readers.pop(reader, None)

    def clear(self) -> None:
        """Drops every exchange that is over."""
        for exchange in [exchange for exchange in self if exchange.is_over]:
            self._drop(exchange.id)

    def _evict(self) -> None:
        too_many, too_large = len(self._exchanges) - self._max_count, self._bytes - self._max_bytes
        oldest = []
        for exchange in self:
            if too_many <= 0 and too_large <= 0:
                break
            if exchange.is_over:
                oldest.append(exchange.id)
                too_many, too_large = too_many - 1, too_large - exchange.booked_bytes
        for exchange_id in oldest:
            self._drop(exchange_id)

    def _drop(self, exchange_id: int) -> None:
        self._bytes -= self._exchanges.pop(exchange_id).booked_bytes
        self.touch(exchange_id)
