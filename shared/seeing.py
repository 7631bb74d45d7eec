"""Who sees what, said once: a condition on a row, from which SQL and the answer for one row come.

Told for one reader a condition is a ``Scope``, and both are read off the same tree, so a list and
a page cannot come to differ. What is not listed is denied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

Row = Mapping[str, object]


@dataclass(frozen=True)
class Reader:
    """Who looks: his role, his organisation, and the region and zone that are its own ground.

    ``heir_of`` are the ended organisations that his took over: what is theirs is its own.
    """

    role: str
    org: str
    region: str = ""
    zone_id: str = ""
    heir_of: tuple[str, ...] = ()

    def own(self, of: Literal["org", "region", "zone_id"]) -> tuple[str, ...]:
        """Give what of one sort is the reader's."""
        mine = (self.org, *self.heir_of) if of == "org" else (getattr(self, of),)
        return tuple(filter(None, mine))


class Combined:
    """Lets conditions be put together: ``own | pooled & near``."""

    def __or__(self, other: "Condition") -> "AnyOf":
        """Give what either holds for."""
        return AnyOf((self, other))  # type: ignore[arg-type]

    def __and__(self, other: "Condition") -> "AllOf":
        """Give what both hold for."""
        return AllOf((self, other))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Always(Combined):
    """Every row, or none."""

    shown: bool


@dataclass(frozen=True)
class Own(Combined):
    """The column names something of the reader's. A reader who has none of it owns nothing."""

    column: str
    of: Literal["org", "region", "zone_id"] = "org"


@dataclass(frozen=True)
class Lists(Combined):
    """The column is a list with commas (``A,B``), and something of the reader's stands in it."""

    column: str
    of: Literal["org", "region", "zone_id"] = "org"


@dataclass(frozen=True)
class Filled(Combined):
    """The column is not null."""

    column: str


@dataclass(frozen=True)
class Among(Combined):
    """The column is one of these values; null is none of them."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Outside(Combined):
    """The column is filled, and none of these values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class AnyOf(Combined):
    """At least one of these holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AllOf(Combined):
    """All of these hold."""

    parts: tuple["Condition", ...]


Condition = Always | Own | Lists | Filled | Among | Outside | AnyOf | AllOf
EVERYTHING, NOTHING = Always(shown=True), Always(shown=False)


@dataclass(frozen=True)
class Scope:
    """A condition as it is for one reader: a predicate for SQL, and the same for one row."""

    condition: Condition
    reader: Reader

    @property
    def nothing(self) -> bool:
        """True where no row at all would be seen."""
        return self.condition == NOTHING

    def where(self, first_parameter: int) -> tuple[str, list[object]]:
        """Give the predicate with its parameters numbered from ``first_parameter``."""
        parameters: list[object] = []
        return _sql(self.condition, self.reader, first_parameter, parameters), parameters

    def holds(self, row: Row) -> bool:
        """Tell whether this row is seen.

        Raises:
            KeyError: the row leaves out a column that counts.
        """
        return _holds(self.condition, self.reader, row)


@dataclass(frozen=True)
class Resource:
    """Something with rows: which of them each role sees, and in which of these each field."""

    name: str
    rows: Mapping[str, Condition]
    fields: Mapping[str, Mapping[str, Condition]] = field(default_factory=dict)

    def seen_by(self, reader: Reader) -> Scope:
        """Give the rows that the reader sees."""
        return Scope(self.rows.get(reader.role, NOTHING), reader)

    def shown_to(self, reader: Reader, name: str) -> Scope:
        """Give the rows of which the reader sees this field: some of those that he sees.

        Raises:
            KeyError: the field has no rules.
        """
        shown = self.fields[name].get(reader.role, NOTHING)
        return Scope(self.seen_by(reader).condition & shown, reader)


def _holds(condition: Condition, reader: Reader, row: Row) -> bool:
    match condition:
        case Always(shown):
            return shown
        case Own(column, of):
            return row[column] in reader.own(of)
        case Lists(column, of):
            listed = row[column]
            return isinstance(listed, str) and not set(reader.own(of)).isdisjoint(listed.split(","))
        case Filled(column):
            return row[column] is not None
        case Among(column, values):
            return row[column] in values
        case Outside(column, values):
            return row[column] is not None and row[column] not in values
        case AnyOf(parts):
            return any(_holds(part, reader, row) for part in parts)
        case AllOf(parts):
            return all(_holds(part, reader, row) for part in parts)
        case _:
            assert_never(condition)


def _sql(condition: Condition, reader: Reader, first: int, parameters: list[object]) -> str:
    """Write the condition; values become parameters, columns are our own words."""

    def given(value: object) -> str:
        parameters.append(value)
        return f"${first + len(parameters) - 1}"

    def joined(word: str, parts: Sequence[Condition]) -> str:
        return f"({word.join(_sql(part, reader, first, parameters) for part in parts)})"

    match condition:
        case Always(shown):
            return "true" if shown else "false"
        case Own(column, of):
            mine = reader.own(of)
            return f"{column} = any({given(list(mine))}::text[])" if mine else "false"
        case Lists(column, of):
            mine = reader.own(of)
            listed = f"string_to_array({column}, ',')"
            # Null overlaps with nothing, and in a sum of conditions it must not be null itself.
            return f"coalesce({listed} && {given(list(mine))}::text[], false)" if mine else "false"
        case Filled(column):
            return f"{column} is not null"
        case Among(column, values):
            return f"{column} = any({given(list(values))}::text[])"
        case Outside(column, values):
            # Null differs from all of no values.
            return f"({column} is not null and {column} <> all({given(list(values))}::text[]))"
        case AnyOf(parts):
            return joined(" or ", parts)
        case AllOf(parts):
            return joined(" and ", parts)
        case _:
            assert_never(condition)
