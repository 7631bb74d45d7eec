"""The catalogue of approvals on a day, read from dated files: items, flows, questions, offices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

from contracts.approval_tracking import (
    Circumstances,
    ItemTerm,
    LandMode,
    Management,
    Need,
    Stage,
    Track,
    Unit,
)
from services.approval_tracking.approval_plan.conditions import (
    Answer,
    Condition,
    Known,
    read_condition,
)
from shared.deadline import Policy

_TERM = re.compile(r"(\d+)([wc]?)")
_NEEDS = {
    "R": Need.REQUIRED,
    "C": Need.CONDITIONAL,
    "N": Need.COMMITTED,
    "V": Need.SERVED,
    "F": Need.FREE,
}


class Terms(NamedTuple):
    """How long an item may take: by law, and as promised."""

    statutory: ItemTerm | None
    promised: ItemTerm | None


class Procedure(NamedTuple):
    """What stops the clock (特别程序), and the article that says so."""

    name: str
    basis: str


@dataclass(frozen=True)
class Question:
    """What a unit is asked, because items depend on it. ``kind``: yes_no, number or choice."""

    name: str
    kind: str
    source: str
    unit: str = ""
    choices: Mapping[str, str] | None = None

    def takes(self, answer: Answer) -> bool:
        """Tell whether it can be answered so."""
        match self.kind:
            case "yes_no":
                return isinstance(answer, bool)
            case "number":
                return type(answer) is int and answer >= 0
            case _:
                return isinstance(answer, str) and answer in (self.choices or {})

    @property
    def remedy(self) -> str:
        """How it can be answered."""
        match self.kind:
            case "yes_no":
                return "请回答“是”或者“否”。"
            case "number":
                return f"请填写不小于 0 的整数（{self.unit}）。"
            case _:
                return f"请选择：{'、'.join((self.choices or {}).values())}。"


@dataclass(frozen=True)
class Edge:
    """Another item that comes before; ``only`` where the land is supplied that way."""

    item: str
    only: LandMode | None = None


@dataclass(frozen=True)
class Variant:
    """What of an item is otherwise where a condition certainly holds."""

    when: Condition
    changed: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Flow:
    """A way through the approvals (流程): who manages it, how long its stages may take."""

    code: str
    name: str
    management: Management
    managements: frozenset[Management]
    land_mode: LandMode
    limits: Mapping[Stage, int]
    merged: Mapping[Stage, Stage]
    free: bool


@dataclass(frozen=True, eq=False)
class CatalogueItem:
    """A row of the catalogue (事项). ``needs`` says of each flow why it stands there.

    ``outside`` are the ways of supplying land in which its time does not count (出让竞拍);
    managed in a way of ``only_gate`` it holds up nothing but the start of building.
    """

    id: str
    name: str
    stage: Stage
    track: Track
    outside: frozenset[LandMode]
    competent: str
    handling: str | None
    terms: Terms
    extension: int
    gate: bool
    only_gate: frozenset[Management]
    after: tuple[Edge, ...]
    beside: tuple[Edge, ...]
    needs: Mapping[str, Need]
    when: Condition
    variants: tuple[Variant, ...]
    source: str

    def changed(self, known: Known) -> Mapping[str, Any]:
        """Give what the first variant that holds makes otherwise."""
        return next((one.changed for one in self.variants if one.when.holds(known)), {})

    def need_in(self, flow: Flow, known: Known) -> Need | None:
        """Tell why a project needs it, or None. Unanswered, it stands: nothing is forgotten."""
        need = self.needs.get(flow.code)
        if need in (Need.REQUIRED, Need.SERVED):
            return need
        listed = known.get(f"include_{self.id}") if flow.free else None
        if listed is not None:
            return Need.FREE if listed else None
        return None if self.when.holds(known) is False else need

    def terms_of(self, known: Known) -> Terms:
        """Give how long it may take where so much is known of a project."""
        changed = self.changed(known)
        return Terms(
            _term(changed["statutory"]) if "statutory" in changed else self.terms.statutory,
            _term(changed["promised"]) if "promised" in changed else self.terms.promised,
        )


@dataclass(frozen=True)
class Default:
    """Which flow a project is taken to follow when the condition holds of it."""

    flow: Flow
    management: Management
    when: Condition


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One edition of the catalogue; ``valid_from`` is its first day. Days are working days."""

    valid_from: date
    sha256: str
    items: Mapping[str, CatalogueItem]
    flows: Mapping[str, Flow]
    stages: Mapping[Stage, str]
    questions: Mapping[str, Question]
    procedures: Mapping[str, Procedure]
    offices: Mapping[str, str]
    transferred: Mapping[str, str]
    defaults: tuple[Default, ...]
    total_limit: int
    receipt_days: int
    commitment_days: int
    follow_up_days: int
    yellow: Policy

    def terms(self, item: str, of: Circumstances) -> Terms:
        """Give how long an item may take in a project of these circumstances."""
        return self.items[item].terms_of(known_of(of))

    @property
    def on_site(self) -> frozenset[str]:
        """The items that the project's own unit does, or the county of its ground."""
        here = ("ground", "unit")
        return frozenset(
            row.id for row in self.items.values() if self.handling_of(row, row.competent) in here
        )

    def handling_of(self, row: CatalogueItem, competent: str) -> str:
        """Give who does an item that is a competent office's matter (实施)."""
        return row.handling or self.transferred.get(competent, self.offices[competent])

    def extension(self, item: str) -> int:
        """Give by how many days the law lets an item be extended, once; 0 for none."""
        return self.items[item].extension


def known_of(circumstances: Circumstances) -> Known:
    """Give what conditions can ask of circumstances."""
    return {
        **circumstances.answers,
        "management": circumstances.management.value,
        "flow": circumstances.flow,
        "land_mode": circumstances.land_mode.value,
    }


def read_catalogue(files: Sequence[tuple[Mapping[str, Any], str]]) -> Catalogue:
    """Read an edition from its files and their digests: a whole one, then what amends it."""
    values: Mapping[str, Any] = reduce(_amended, (file for file, _ in files))
    flows = {code: _flow(code, row) for code, row in values["flows"].items()}
    return Catalogue(
        valid_from=values["valid_from"],
        sha256=files[-1][1],
        items={key: _item(key, row) for key, row in values["items"].items()},
        flows=flows,
        stages={Stage(stage): name for stage, name in values["stages"].items()},
        questions={**_asked(values["questions"]), **_included(values["items"])},
        procedures={key: Procedure(**row) for key, row in values["procedures"].items()},
        offices=values["offices"],
        transferred=values["handling"],
        defaults=tuple(_default(row, flows) for row in values["defaults"]),
        total_limit=values["total_limit"],
        receipt_days=_days(values["receipt"]),
        commitment_days=_days(values["commitment_check"]),
        follow_up_days=_days(values["follow_up"]),
        yellow=Policy(
            yellow_percent=values["yellow"]["percent"],
            yellow_working_days=values["yellow"]["working_days"],
        ),
    )


def _amended(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
    both = {
        key: _amended(before[key], value)
        if isinstance(value, Mapping) and isinstance(before.get(key), Mapping)
        else value
        for key, value in after.items()
    }
    return {**before, **both}


def _asked(rows: Mapping[str, Any]) -> Mapping[str, Question]:
    return {key: Question(**row) for key, row in rows.items()}


def _included(items: Mapping[str, Any]) -> Mapping[str, Question]:
    return {
        f"include_{key}": Question(f"列入清单：{row['name']}", "yes_no", "自由清单")
        for key, row in items.items()
    }


def _flow(code: str, row: Mapping[str, Any]) -> Flow:
    return Flow(
        code=code,
        name=row["name"],
        management=Management(row["management"]),
        managements=frozenset(map(Management, row.get("managements", [row["management"]]))),
        land_mode=LandMode(row["land_mode"]),
        limits={Stage(stage): days for stage, days in row.get("limits", {}).items()},
        merged={Stage(one): Stage(other) for one, other in row.get("merged", {}).items()},
        free=row.get("free", False),
    )


def _default(row: Mapping[str, Any], flows: Mapping[str, Flow]) -> Default:
    flow = flows[row["flow"]]
    management = Management(row.get("management", flow.management))
    return Default(flow, management, read_condition(row.get("when", [])))


def _item(key: str, row: Mapping[str, Any]) -> CatalogueItem:
    ended = row.get("ended", False)
    return CatalogueItem(
        id=key,
        name=row["name"],
        stage=Stage(row["stage"]),
        track=Track(row.get("track", Track.MAIN)),
        outside=frozenset(map(LandMode, row.get("outside", ()))),
        competent=row["competent"],
        handling=row.get("handling"),
        terms=Terms(_term(row.get("statutory")), _term(row.get("promised"))),
        extension=_days(row.get("extension", "0")),
        gate=row.get("gate", False),
        only_gate=frozenset(map(Management, row.get("only_gate", ()))),
        after=tuple(map(_edge, row.get("after", ()))),
        beside=tuple(map(_edge, row.get("beside", ()))),
        needs={} if ended else {flow: _NEEDS[need] for flow, need in row["needs"].items()},
        when=read_condition(row.get("when", [])),
        variants=tuple(
            Variant(read_condition(one["when"]), {k: v for k, v in one.items() if k != "when"})
            for one in row.get("variants", ())
        ),
        source=row["source"],
    )


def _edge(written: str) -> Edge:
    item, _, only = written.partition("@")
    return Edge(item, LandMode(only) if only else None)


def _term(written: str | None) -> ItemTerm | None:
    if written is None:
        return None
    term = _TERM.fullmatch(written)
    if term is None:
        raise ValueError(f"{written} is no term")
    unit = Unit.CALENDAR_DAYS if term[2] == "c" else Unit.WORKING_DAYS
    return ItemTerm(length=int(term[1]), unit=unit)


def _days(written: str) -> int:
    term = _term(written)
    if term is None or term.unit is not Unit.WORKING_DAYS:
        raise ValueError(f"{written} are no working days")
    return term.length
