"""What a move needs: dated conditions, each with its sentence, its source and its remedy.

A condition asks for grounds: short names of what is there (``column.builder.uscc``,
``evidence.land_permit``, ``approval.A12``, ``works.started``, ``reason``). It is met by any one of
them, so what a move needs is data and another city's rules are another file.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.intake import Evidence, MoveEffect, Pool, ProjectFacts
from services.intake.move.permits import Permits
from services.intake.project.rules import LABELS
from shared.refusals import Problem

_FIELDS = {
    "evidence": "evidence",
    "works": "evidence",
    "reason": "reason",
    "other": "absorbs",
    "parts": "parts",
    "hold.until": "hold_until",
    "hold.condition": "resume_when",
}


@dataclass(frozen=True)
class Condition:
    """One condition, and the grounds of which any one meets it."""

    code: str
    rule: str
    source: str
    remedy: str
    met_by: tuple[str, ...]

    def is_met(self, grounds: Collection[str]) -> bool:
        """Tell whether one of its grounds is there."""
        return any(ground in grounds for ground in self.met_by)

    @property
    def field(self) -> str:
        """The column of an application, or of the form, where it would be met."""
        head, _, rest = self.met_by[0].partition(".")
        return rest if head == "column" else _FIELDS.get(self.met_by[0]) or _FIELDS[head]

    @property
    def sorts(self) -> tuple[str, ...]:
        """The papers that would meet it."""
        return tuple(
            ground.removeprefix("evidence.")
            for ground in self.met_by
            if ground.startswith("evidence.")
        )


@dataclass(frozen=True)
class Transition:
    """One row of the moves: from where it may be asked, where it leads, what it needs.

    ``held`` says that a project on hold may ask, ``active`` that one that is not may.
    """

    code: str
    name: str
    effect: MoveEffect
    origins: tuple[Pool, ...]
    to: Pool | None
    conditions: tuple[Condition, ...]
    fast_track: bool = False
    held: bool = False
    active: bool = True

    @property
    def grounds(self) -> frozenset[str]:
        """Every ground that meets any of its conditions."""
        return frozenset(ground for one in self.conditions for ground in one.met_by)


@dataclass(frozen=True)
class Entry:
    """A way straight into a later pool (直接入库)."""

    code: str
    name: str
    to: Pool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class MoveRules:
    """The rules of a day."""

    transitions: Mapping[str, Transition]
    entries: Mapping[str, Entry]
    evidence: Mapping[str, str]
    longest_hold_months: int


@dataclass(frozen=True)
class Works:
    """What was reported of the works themselves."""

    started: bool = False
    finished: bool = False


def read_rules(values: Mapping[str, Any]) -> MoveRules:
    """Read a file of rules.

    Raises:
        KeyError: a move names a condition that is not there.
    """
    conditions = {
        code: Condition(
            code=code,
            rule=row["rule"].format_map(values),
            source=row["source"],
            remedy=row["remedy"],
            met_by=tuple(row["met_by"]),
        )
        for code, row in values["conditions"].items()
    }

    def of(row: Mapping[str, Any]) -> tuple[Condition, ...]:
        return tuple(conditions[code] for code in row["conditions"])

    return MoveRules(
        transitions={
            code: Transition(
                code=code,
                name=row["name"],
                effect=MoveEffect(row["effect"]),
                origins=tuple(map(Pool, row["from"])),
                to=Pool(row["to"]) if "to" in row else None,
                conditions=of(row),
                fast_track=row.get("fast_track", False),
                held=row.get("held", False),
                active=row.get("active", True),
            )
            for code, row in values["transitions"].items()
        },
        entries={
            code: Entry(code=code, name=row["name"], to=Pool(row["to"]), conditions=of(row))
            for code, row in values["entries"].items()
        },
        evidence=values["evidence"],
        longest_hold_months=values["longest_hold_months"],
    )


def grounds_of(
    facts: ProjectFacts,
    works: Works,
    reason: str,
    evidence: Sequence[Evidence],
    *,
    kept: Sequence[Evidence] = (),
    permits: Permits | None = None,
) -> frozenset[str]:
    """Name what is there for any move: its columns, works, approvals, reason and papers.

    ``kept`` are papers that the project came with; of a sort they count like those attached.
    """
    of_before = {f"evidence.{paper.sort}" for paper in kept}
    told = permits.grounds() if permits else ()
    return frozenset(_grounds(facts, works, reason, evidence)) | of_before | frozenset(told)


def _grounds(
    facts: ProjectFacts, works: Works, reason: str, evidence: Sequence[Evidence]
) -> Iterator[str]:
    if facts.builder.uscc:
        yield "column.builder.uscc"
    if facts.project_code:
        yield "column.project_code"
    if works.started:
        yield "works.started"
    if works.finished:
        yield "works.finished"
    if reason.strip():
        yield "reason"
    if evidence:
        yield "evidence"
    for paper in evidence:
        yield f"evidence.{paper.sort}"


def unmet(conditions: Sequence[Condition], grounds: Collection[str]) -> list[Problem]:
    """Give what is missing, each with its rule, its source and its remedy."""
    return [
        Problem(
            field=condition.field,
            label=LABELS[condition.field],
            rule=condition.code,
            message=f"{condition.rule}（{condition.source}）。",
            remedy=condition.remedy,
        )
        for condition in conditions
        if not condition.is_met(grounds)
    ]


def unknown_papers(evidence: Sequence[Evidence], rules: MoveRules) -> list[Problem]:
    """Give the papers of a sort that the rules do not know."""
    return [
        Problem(
            f"evidence.{number}.sort",
            LABELS["evidence"],
            "unknown_evidence",
            f"没有“{paper.sort}”这种佐证材料。",
            "请从列出的材料种类中选。",
        )
        for number, paper in enumerate(evidence)
        if paper.sort not in rules.evidence
    ]
