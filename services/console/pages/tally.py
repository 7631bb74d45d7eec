"""What the board counts: pure sums over groups of projects, from one look at the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True)
class Group:
    """Projects of one organisation in one pool, at one stage, going on or not; money in yuan.

    ``month_in`` entered the pool this month, ``stepped_in`` of them from the pool before;
    ``oldest`` and ``newest`` are since when one has been there and when one last changed. ``ready``
    have every permit that must be there before building starts, ``unready`` started without.
    """

    org: str
    pool: str | None
    standing: str | None
    stage: str
    count: int
    money: int
    month_in: int
    stepped_in: int
    versions: int
    oldest: datetime
    newest: datetime
    ready: int = 0
    unready: int = 0

    @property
    def in_pool(self) -> str | None:
        """The pool that they are in; None before the first and after the last."""
        return self.pool if self.standing in {"ACTIVE", "HELD"} else None


@dataclass(frozen=True)
class Head:
    """One pool in figures: projects, yuan, entered this month, of them from below, permits."""

    count: int = 0
    money: int = 0
    month_in: int = 0
    stepped_in: int = 0
    ready: int = 0
    unready: int = 0


@dataclass(frozen=True)
class Cell:
    """Projects and yuan of one organisation in one pool."""

    count: int = 0
    money: int = 0


@dataclass(frozen=True)
class Tally:
    """Everything that the board counts, so that its figures cannot contradict each other."""

    groups: tuple[Group, ...]

    @cached_property
    def heads(self) -> Mapping[str, Head]:
        """The four pools in figures."""
        heads: dict[str, Head] = {}
        for group in self.groups:
            if group.in_pool is not None:
                head = heads.get(group.in_pool, Head())
                heads[group.in_pool] = Head(
                    head.count + group.count,
                    head.money + group.money,
                    head.month_in + group.month_in,
                    head.stepped_in + group.stepped_in,
                    head.ready + group.ready,
                    head.unready + group.unready,
                )
        return heads

    @cached_property
    def matrix(self) -> Mapping[str, Mapping[str, Cell]]:
        """Projects and yuan by reporting unit and pool."""
        matrix: dict[str, dict[str, Cell]] = {}
        for group in self.groups:
            if group.in_pool is not None:
                row = matrix.setdefault(group.org, {})
                cell = row.get(group.in_pool, Cell())
                row[group.in_pool] = Cell(cell.count + group.count, cell.money + group.money)
        return matrix

    @cached_property
    def stages(self) -> Mapping[str, tuple[int, datetime]]:
        """What is under way by stage, with the oldest instant of each."""
        stages: dict[str, tuple[int, datetime]] = {}
        for group in self.groups:
            if group.stage == "APPROVED":
                continue
            count, oldest = stages.get(group.stage, (0, group.oldest))
            stages[group.stage] = (count + group.count, min(oldest, group.oldest))
        return stages

    @cached_property
    def mark(self) -> str:
        """A mark that changes whenever a row of the filter does."""
        seen = sorted(
            (
                *(group.org, group.pool or "", group.standing or "", group.stage),
                *(group.count, group.versions, group.newest, group.ready, group.unready),
            )
            for group in self.groups
        )
        return sha256(repr(seen).encode()).hexdigest()[:24]
