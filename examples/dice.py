"""Dice that fall the same way in every run and under every version of Python."""

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A row of throws that depends on nothing but its name."""

    def __init__(self, *name: object) -> None:
        """Name the row."""
        self._name = "/".join(map(str, name))
        self._throws = count()

    def part(self) -> float:
        """Throw a number from 0 up to, not including, 1."""
        spelled = f"{self._name}#{next(self._throws)}".encode()
        return int.from_bytes(hashlib.sha256(spelled).digest()[:6]) / 2**48

    def between(self, lowest: int, highest: int) -> int:
        """Throw a whole number, both ends included."""
        return lowest + int(self.part() * (highest - lowest + 1))

    def choice(self, values: Sequence[T]) -> T:
        """Pick one."""
        return values[int(self.part() * len(values))]
