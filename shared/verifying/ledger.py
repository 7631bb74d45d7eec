"""One fingerprint per position of a journal, in a file that several processes may fill.

The journal's side and Kafka's side each make the same 32 bytes of whatever must agree (envelope,
payload, journal chain, the row's own names), so that a million facts are compared at once.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Self

WIDTH = 32
NOTHING = bytes(WIDTH)
_PLACE = 8
_STRIDE = 4096


class Ledger:
    """Fingerprints of the positions after ``base`` up to ``last``, and a number beside each."""

    def __init__(self, path: Path, base: int, last: int, *, make: bool = False) -> None:
        """Open the file, or make an empty one."""
        self.base, self.last = base, last
        self._count = last - base
        size = max(1, self._count * (WIDTH + _PLACE))
        with path.open("w+b" if make else "r+b") as file:
            if make:
                file.truncate(size)
            self._bytes = mmap.mmap(file.fileno(), size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    def put(self, position: int, fingerprint: bytes) -> None:
        """Enter what stands at a position."""
        at = (position - self.base - 1) * WIDTH
        self._bytes[at : at + WIDTH] = fingerprint

    def at(self, position: int) -> bytes:
        """Give what stands at a position; ``NOTHING`` where nothing was entered."""
        at = (position - self.base - 1) * WIDTH
        return self._bytes[at : at + WIDTH]

    def enter(self, position: int, fingerprint: bytes, number: int) -> bytes | None:
        """Enter what stands at a position with a number, or give what stands there already."""
        first = position - self.base - 1
        at = first * WIDTH
        if (entered := self._bytes[at : at + WIDTH]) != NOTHING:
            return entered
        self._bytes[at : at + WIDTH] = fingerprint
        at = self._count * WIDTH + first * _PLACE
        self._bytes[at : at + _PLACE] = number.to_bytes(_PLACE, "big")
        return None

    def noted(self, position: int) -> int:
        """Give the number beside a position."""
        at = self._count * WIDTH + (position - self.base - 1) * _PLACE
        return int.from_bytes(self._bytes[at : at + _PLACE], "big")

    def differing(self, other: "Ledger") -> Iterator[int]:
        """Give the positions at which two ledgers do not agree, in order."""
        for first in range(self.base + 1, self.last + 1, _STRIDE):
            after = min(first + _STRIDE, self.last + 1)
            span = slice((first - self.base - 1) * WIDTH, (after - self.base - 1) * WIDTH)
            if self._bytes[span] != other._bytes[span]:
                for position in range(first, after):
                    if self.at(position) != other.at(position):
                        yield position
