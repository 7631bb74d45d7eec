"""Who has reported for a month, judged from what stood when it was due and what stands now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.console.pages.due_days import Due
from shared.units import Unit

GROUPS: Mapping[str, tuple[str, ...]] = {
    "县（市、区）和开发区": ("county", "zone"),
    "市直部门": ("department",),
    "企业集团": ("group",),
}


@dataclass(frozen=True)
class Stood:
    """What of a body stood reported at one moment; money in yuan.

    What was sent back and not reported again does not stand; it is counted in ``sent_back``.
    """

    projects: int = 0
    money: int = 0
    first_on: date | None = None
    sent_back: int = 0
    nothing_new_on: date | None = None

    @property
    def has_reported(self) -> bool:
        """Projects, or the word that there are none."""
        return self.projects > 0 or self.nothing_new_on is not None

    @property
    def since(self) -> date | None:
        """The day of the first report that stood."""
        days = [day for day in (self.first_on, self.nothing_new_on) if day is not None]
        return min(days, default=None)


NOTHING = Stood()


class State(StrEnum):
    """How a body stands with its month."""

    REPORTED = "REPORTED"
    """By no day in particular: nobody was asked to."""
    ON_TIME = "ON_TIME"
    LATE = "LATE"
    MISSING = "MISSING"
    MISSED = "MISSED"


@dataclass(frozen=True)
class Line:
    """One body's month; ``then`` is what stood when it was due, None before that day is over."""

    org: str
    name: str
    kind: str
    state: State
    now: Stood
    then: Stood | None
    late_by: int = 0

    @property
    def since(self) -> date | None:
        """The day from which it had reported."""
        on_time = self.then is not None and self.state is State.ON_TIME
        return self.then.since if on_time and self.then else self.now.since

    @property
    def only_nothing_new(self) -> bool:
        """True while its word that there is nothing new is all that stands."""
        return self.now.has_reported and not self.now.projects


SHOWS: Mapping[str, tuple[str, Callable[[Line], bool]]] = {
    "reported": ("已报送", lambda line: line.now.has_reported),
    "nothing-new": ("零报告", lambda line: line.only_nothing_new),
    "missing": ("未报", lambda line: not line.now.has_reported),
    "late": ("逾期", lambda line: line.state in {State.LATE, State.MISSED}),
}


@dataclass(frozen=True)
class Group:
    """Bodies of one kind, and how many of them have reported."""

    name: str
    lines: tuple[Line, ...]
    reported: int
    bodies: int


@dataclass(frozen=True)
class Month:
    """All bodies that the reader sees, in the order of the plan."""

    lines: tuple[Line, ...]

    def count(self, show: str) -> int:
        """Count the bodies that a tile shows."""
        return sum(map(SHOWS[show][1], self.lines))

    def in_state(self, state: State) -> int:
        """Count the bodies of one state."""
        return sum(line.state is state for line in self.lines)

    def groups(self, show: str) -> tuple[Group, ...]:
        """Put the bodies that a tile shows, or all, into the three groups of the plan."""
        wanted = SHOWS[show][1] if show else lambda _: True
        found = []
        for name, kinds in GROUPS.items():
            bodies = [line for line in self.lines if line.kind in kinds]
            if shown := tuple(filter(wanted, bodies)):
                reported = sum(line.now.has_reported for line in bodies)
                found.append(Group(name, shown, reported, len(bodies)))
        return tuple(found)


def month_of(
    bodies: Sequence[Unit],
    now: Mapping[str, Stood],
    then: Mapping[str, Stood] | None,
    due: Due | None,
) -> Month:
    """Judge every body; ``then`` is given once the due day is over."""
    return Month(
        tuple(
            _line(
                body,
                now.get(body.id, NOTHING),
                None if then is None else then.get(body.id, NOTHING),
                due,
            )
            for body in bodies
        )
    )


def _line(body: Unit, now: Stood, then: Stood | None, due: Due | None) -> Line:
    late_by = 0
    if due is None or not due.asked:
        state = State.REPORTED if now.has_reported else State.MISSING
    elif not now.has_reported:
        state = State.MISSED if due.over else State.MISSING
    elif then is None or then.has_reported:
        state = State.ON_TIME
    else:
        state = State.LATE
        late_by = (now.since - due.day).days if now.since else 0
    return Line(body.id, body.short_name, body.kind, state, now, then, late_by)
