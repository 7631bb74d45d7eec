"""Which units there are, day by day, as it was told so far? One table for every service that asks.

A unit is an id for ever; its names, its last day and whoever took its accounts over have their
days. Days are business dates, and a last day still counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol, runtime_checkable

from contracts.envelope import Fact
from shared.reference import EditionRow, Reference, row_of
from shared.refusals import Unavailable
from shared.seeing import Reader
from shared.tokens import Actor
from shared.viewing import Told

NAME, VERSION = "units", 1
# Bodies that must plan come first, in the order of the plan; within a kind as they were told.
_ORDER = ("county", "zone", "department", "group", "other", "province")


@runtime_checkable
class Renamed(Protocol):
    """What a unit is called from a day on."""

    @property
    def organisation_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def valid_from(self) -> date: ...


@runtime_checkable
class Established(Renamed, Protocol):
    """A unit begins, under its first name."""

    @property
    def aliases(self) -> Sequence[str]: ...
    @property
    def organisation_kind(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def zone_id(self) -> str: ...
    @property
    def planning_body(self) -> bool: ...
    @property
    def path(self) -> str: ...


@runtime_checkable
class Ended(Protocol):
    """A unit's last day, who takes its work over, and who its accounts."""

    @property
    def organisation_id(self) -> str: ...
    @property
    def valid_to(self) -> date: ...
    @property
    def successors(self) -> Sequence[str]: ...
    @property
    def accounts_to(self) -> str | None: ...


@dataclass(frozen=True)
class Unit:
    """A unit as it is on a day; one that has ended as it was on its last day."""

    id: str
    name: str
    short_name: str
    kind: str
    path: str
    region: str
    zone_id: str
    planning_body: bool
    aliases: tuple[str, ...]
    valid_from: date
    named_since: date
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    accounts_to: str | None = None

    def stands_on(self, day: date) -> bool:
        """Tell whether the unit exists on a day."""
        return self.valid_from <= day and not self.has_ended_by(day)

    def has_ended_by(self, day: date) -> bool:
        """Tell whether its last day is over."""
        return self.valid_to is not None and self.valid_to < day


class Units:
    """An immutable table of all units that were told of."""

    def __init__(self, told: Sequence[object]) -> None:
        """Lay out the facts, in the order in which they were told."""
        # Of each unit one row for every name that it has had, the latest last.
        self._rows: dict[str, tuple[Unit, ...]] = {}
        for fact in told:
            match fact:
                case Established():
                    self._rows[fact.organisation_id] = (_first(fact),)
                case Ended():
                    self._end(fact)
                case Renamed() if fact.organisation_id in self._rows:
                    self._rename(fact)
                case _:
                    continue
        self.on = lru_cache(maxsize=512)(self._on)
        # Of a workbook every row names its unit, most of them the same.
        self.named = lru_cache(maxsize=512)(self._named)
        self._heirs = lru_cache(maxsize=512)(self._all_heirs)

    def __contains__(self, unit_id: object) -> bool:
        """Tell whether a unit was told of, of whatever day."""
        return unit_id in self._rows

    def _rename(self, fact: Renamed) -> None:
        rows = self._rows[fact.organisation_id]
        named = replace(
            rows[-1], name=fact.name, short_name=fact.short_name, named_since=fact.valid_from
        )
        self._rows[fact.organisation_id] = (*rows, named)

    def _end(self, fact: Ended) -> None:
        self._rows[fact.organisation_id] = tuple(
            replace(
                row,
                valid_to=fact.valid_to,
                successors=tuple(fact.successors),
                accounts_to=fact.accounts_to,
            )
            for row in self._rows.get(fact.organisation_id, ())
        )

    def known(self, unit_id: str, day: date) -> Unit | None:
        """Give a unit as it is or was by a day; None before its first, or if never told of."""
        rows = self._rows.get(unit_id, ())
        return next((row for row in reversed(rows) if row.named_since <= day), None)

    def get(self, unit_id: str, day: date) -> Unit | None:
        """Give a unit that exists on a day."""
        found = self.known(unit_id, day)
        return found if found is not None and found.stands_on(day) else None

    def so_far(self, day: date) -> tuple[Unit, ...]:
        """Give the units that exist on a day or did before, in the order that people know."""
        found = [unit for one in self._rows if (unit := self.known(one, day)) is not None]
        return tuple(sorted(found, key=_place))

    def _on(self, day: date) -> tuple[Unit, ...]:
        """Give the units that exist on a day, in the order that people know."""
        return tuple(unit for unit in self.so_far(day) if unit.stands_on(day))

    def planning_bodies(self, day: date) -> tuple[Unit, ...]:
        """Give the units that must plan (谋划主体) on a day."""
        return tuple(unit for unit in self.on(day) if unit.planning_body)

    def called(self, text: str, day: date) -> tuple[str, ...]:
        """Give the units that bear or bore by a day a name with these words in it."""
        if not text:
            return ()
        return tuple(
            unit.id
            for unit in self.so_far(day)
            if any(
                text in name
                for row in self._rows[unit.id]
                if row.named_since <= day
                for name in (row.name, row.short_name, *row.aliases)
            )
        )

    def _named(self, text: str, day: date) -> Unit | None:
        """Give the unit that an id, a name or an alias means on a day.

        A former name means who bore it last, unless somebody bears it that day; a name that
        begins later means nobody yet.
        """
        borne = [(until, unit) for one in self._rows for until, unit in self._borne(one, text, day)]
        return max(borne, key=lambda pair: pair[0])[1] if borne else None

    def _borne(self, unit_id: str, text: str, day: date) -> Iterator[tuple[date, Unit]]:
        known = self.known(unit_id, day)
        if known is None:
            return
        last = min(known.valid_to or day, day)
        rows = [row for row in self._rows[unit_id] if row.named_since <= day]
        for row, after in zip(rows, [*rows[1:], None], strict=True):
            if text in {row.name, row.short_name}:
                yield (after.named_since - timedelta(days=1) if after else last), known
        if text in {unit_id, *known.aliases}:
            yield last, known

    def heir_of(self, unit_id: str, day: date) -> tuple[str, ...]:
        """Give the ended units whose accounts this one has on a day, handed on or directly."""
        return self._heirs(day).get(unit_id, ())

    def _all_heirs(self, day: date) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for unit_id in self._rows:
            heir = self._follow(unit_id, day)
            if heir is not None and heir != unit_id:
                found[heir] = (*found.get(heir, ()), unit_id)
        return found

    def _follow(self, unit_id: str, day: date) -> str | None:
        seen: set[str] = set()
        following: str | None = unit_id
        while following is not None and following not in seen:
            seen.add(following)
            unit = self.known(following, day)
            if unit is None or unit.stands_on(day):
                return None if unit is None else following
            following = unit.accounts_to
        return None

    def reader(self, actor: Actor, day: date) -> Reader:
        """Give who looks, with what is his unit's own on a day: its ground, what it took over."""
        own = self.get(actor.org, day)
        if own is None:
            return Reader(actor.role, actor.org)
        heir_of = self.heir_of(own.id, day)
        return Reader(actor.role, own.id, own.region, own.zone_id, heir_of)


NO_UNITS = Units(())


def fold(_: EditionRow | None, told: Told) -> EditionRow:
    """Write a fact of a unit down."""
    if not isinstance(told.fact, Renamed | Ended):
        raise TypeError(told.fact.kind)
    return row_of(told)


def units(
    owner: str, topic: str, kinds: Mapping[str, type[Fact]], ignored: Mapping[str, str]
) -> Reference[Units]:
    """Read the facts ``kinds`` of a topic.

    Asking for the units raises ``Unavailable`` before any was heard: no units are no answer.
    """
    return Reference(
        NAME,
        VERSION,
        owner=owner,
        topic=topic,
        kinds=kinds,
        fold=fold,
        lay_out=_lay_out,
        ignored=ignored,
    )


def _lay_out(told: Sequence[Fact], _: int) -> Units:
    if not told:
        raise Unavailable("机构名录正在装入，请过几秒再试。已经办过的事都在。")
    return Units(told)


def _first(fact: Established) -> Unit:
    return Unit(
        id=fact.organisation_id,
        name=fact.name,
        short_name=fact.short_name,
        kind=fact.organisation_kind,
        path=fact.path,
        region=fact.region,
        zone_id=fact.zone_id,
        planning_body=fact.planning_body,
        aliases=tuple(fact.aliases),
        valid_from=fact.valid_from,
        named_since=fact.valid_from,
    )


def _place(unit: Unit) -> tuple[bool, int]:
    kind = _ORDER.index(unit.kind) if unit.planning_body and unit.kind in _ORDER else len(_ORDER)
    return not unit.planning_body, kind
