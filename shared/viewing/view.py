"""What a view is: a question, the owners whose facts answer it, and a pure fold for each.

Events of one owner touch only that owner's columns, so no interleaving of topics can change a
row. What combines owners is derived when querying.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from contracts.envelope import Envelope, Fact

Json = Annotated[str, "jsonb"]
"""A column of JSON text."""

RowT = TypeVar("RowT")

_COLUMN_TYPES = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
}


@dataclass(frozen=True)
class Told:
    """A fact as a listener hears it: the fact, its envelope, and where the relay placed it."""

    envelope: Envelope
    fact: Fact
    position: int
    chain: str
    payload: bytes


def _partition_key(told: Told) -> str:
    return told.envelope.partitionkey


@dataclass(frozen=True)
class Owner(Generic[RowT]):
    """One service's part of a view: its topic, the columns it fills, the fold that fills them.

    ``row`` is a frozen dataclass of columns without the key; ``fold`` gives ``None`` when the
    row shall vanish. ``kinds`` are the facts it folds; others only advance the stream, and
    those known but of no interest are named in ``ignored`` with the reason.
    """

    name: str
    topic: str
    row: type[RowT]
    kinds: Mapping[str, type[Fact]]
    fold: Callable[[RowT | None, Told], RowT | None]
    key: Callable[[Told], str] = _partition_key
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Give the owner's columns with their PostgreSQL types."""
        hints = get_type_hints(self.row, include_extras=True)
        return {f.name: _column_type(hints[f.name]) for f in fields(self.row)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class View:
    """A read model. Raising ``version`` makes it anew from the topics.

    ``indexes`` are index expressions over the view's table, such as ``(pool, pooled_on)``.
    """

    name: str
    version: int
    owners: tuple[Owner[Any], ...]
    indexes: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table of its rows."""
        return f"views.{self.name}"

    @property
    def streams(self) -> str:
        """The table of the versions it has recorded, stream by stream."""
        return f"views.{self.name}_streams"

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it reads."""
        return tuple(sorted({owner.topic for owner in self.owners}))

    def owner_of(self, topic: str) -> Owner[Any]:
        """Give the owner that tells on a topic."""
        return next(owner for owner in self.owners if owner.topic == topic)


def _column_type(hint: Any) -> str:
    if get_origin(hint) is UnionType:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Annotated:
        return str(get_args(hint)[1])
    return _COLUMN_TYPES[hint]
