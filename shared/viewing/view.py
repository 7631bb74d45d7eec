"""What a view is: a question, the owners whose facts answer it, and a pure fold for each.

Events of one owner touch only that owner's columns, so no interleaving of topics can change a
row. What combines owners is derived when querying.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from types import UnionType
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from contracts.envelope import Envelope, Fact

RowT = TypeVar("RowT", bound=tuple[Any, ...])

_COLUMN_TYPES = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
}


class Told(NamedTuple):
    """A fact as a listener hears it: the fact, its envelope, and where the relay placed it.

    ``key`` is the row that is folded, where a fact concerns several of them.
    """

    envelope: Envelope
    fact: Fact
    position: int
    chain: str
    payload: bytes
    key: str = ""


def _partition_key(told: Told) -> str:
    return told.envelope.partitionkey


@dataclass(frozen=True)
class Owner(Generic[RowT]):
    """One service's part of a view: its topic, the columns it fills, the fold that fills them.

    ``row`` is a NamedTuple of columns without the key; ``fold`` gives ``None`` when the
    row shall vanish. ``kinds`` are the facts it folds; others only advance the stream, and
    those known but of no interest are named in ``ignored`` with the reason.

    A fact has one row, that of its ``key``, unless ``keys`` names several: then the fold is asked
    for each of them and finds in ``told.key`` which one it is. Nothing but the fact may say which.

    ``recorded`` must ascend over all the facts of one key, as it does within a stream, where the
    view keeps a history.
    """

    name: str
    topic: str
    row: type[RowT]
    kinds: Mapping[str, type[Fact]]
    fold: Callable[[RowT | None, Told], RowT | None]
    key: Callable[[Told], str] = _partition_key
    ignored: Mapping[str, str] = field(default_factory=dict)
    keys: Callable[[Told], Sequence[str]] | None = None

    @cached_property
    def columns(self) -> dict[str, str]:
        """Give the owner's columns with their PostgreSQL types."""
        return {name: _column_type(hint) for name, hint in get_type_hints(self.row).items()}

    @property
    def keyed_by_partition(self) -> bool:
        """True when a row's key is the partition key of its facts."""
        return self.keys is None and self.key is _partition_key

    def rows_of(self, told: Told) -> Sequence[tuple[str, Told]]:
        """Give the keys of a fact, each with what its fold is to be told."""
        if self.keys is None:
            return ((self.key(told), told),)
        return tuple((key, told._replace(key=key)) for key in self.keys(told))

    def keys_or_none(self, told: Told) -> Sequence[str]:
        """Give the keys of a fact; none where they cannot be told, for such a fact is parked."""
        try:
            return tuple(key for key, _ in self.rows_of(told))
        # Whoever folds it meets the same error and says so.
        except Exception:  # noqa: BLE001
            return ()

    def made(self, values: tuple[Any, ...]) -> RowT:
        """Make a row of its columns' values, in their order."""
        return self.row._make(values)  # type: ignore[attr-defined, no-any-return]


@dataclass(frozen=True)
class View:
    """A read model. Raising ``version`` makes it anew from the topics.

    ``indexes`` are index expressions over the view's table, such as ``(pool, pooled_on)``.
    With ``history`` every state of a row is kept with the instant from which the system had
    recorded it, so that any day in the past can be shown. Views of the same topics are written
    in one transaction; where nobody waits for a row, those that ``gathers`` take the facts of
    half a second at once.
    """

    name: str
    version: int
    owners: tuple[Owner[Any], ...]
    indexes: tuple[str, ...] = ()
    history: bool = False
    gathers: bool = False
    of: str = ""
    """Of a generation: the view whose place it shall take."""

    @property
    def live_name(self) -> str:
        """The name under which people know the view, whatever the generation."""
        return self.of or self.name

    @property
    def table(self) -> str:
        """The table of its rows."""
        return f"views.{self.name}"

    @property
    def streams(self) -> str:
        """The table of the versions it has recorded, stream by stream."""
        return f"views.{self.name}_streams"

    def history_of(self, owner: Owner[Any]) -> str:
        """Give the table of the states that one owner's columns have had."""
        return f"views.{self.name}_{owner.name}_history"

    @property
    def histories(self) -> dict[str, Owner[Any]]:
        """The tables of its history; none when it keeps none."""
        return {self.history_of(owner): owner for owner in self.owners} if self.history else {}

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that is its own."""
        return (self.table, self.streams, *self.histories)

    def generation(self, number: int) -> "View":
        """Give the same view with tables and offsets of its own, beside the live ones."""
        return replace(self, name=f"{self.name}_g{number}", of=self.live_name)

    def replaced_by(self, number: int) -> "View":
        """Give the names that the live tables take when a generation replaces them."""
        return replace(self, name=f"{self.name}_before_g{number}")

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The topics it reads."""
        return tuple(sorted({owner.topic for owner in self.owners}))

    @cached_property
    def _owners_by_topic(self) -> dict[str, Owner[Any]]:
        return {owner.topic: owner for owner in self.owners}

    def owner_of(self, topic: str) -> Owner[Any]:
        """Give the owner that tells on a topic."""
        return self._owners_by_topic[topic]


def _column_type(hint: Any) -> str:
    if get_origin(hint) is UnionType:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    return _COLUMN_TYPES[hint]
