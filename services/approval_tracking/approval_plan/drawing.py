"""Draws a plan up: which items a project needs, in which order, by whom, within how many days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contracts.approval_tracking import (
    Circumstances,
    ItemTerm,
    LandMode,
    Management,
    Need,
    PlannedItem,
    StageLimit,
    Track,
)
from services.approval_tracking.approval_plan.catalogue import (
    Catalogue,
    CatalogueItem,
    Flow,
    known_of,
)
from services.approval_tracking.approval_plan.conditions import Known
from services.approval_tracking.approval_plan.network import Order, bridged, keeping, written


@dataclass(frozen=True)
class Offices:
    """Who of a project's own surroundings does items: its ground's county or zone, its unit."""

    ground: str
    unit: str


@dataclass(frozen=True)
class Drawn:
    """A plan as it is drawn up from circumstances; ``catalogue`` is the edition's first day."""

    catalogue: date
    flow_name: str
    items: tuple[PlannedItem, ...]
    stages: tuple[StageLimit, ...]
    total_limit: int | None


def draw_up(
    circumstances: Circumstances,
    catalogue: Catalogue,
    offices: Offices,
    begun: Sequence[PlannedItem] = (),
    accepted: Collection[str] = (),
) -> Drawn:
    """Draw a plan up, around the items that have begun: none of those is lost or changed.

    Those of them that were ever ``accepted`` keep their place in the order as well. Whether a
    conditional item is needed that nobody has answered for yet is left open: it stands.
    """
    flow = catalogue.flows[circumstances.flow]
    known = known_of(circumstances)
    held = {item.item: item for item in begun}
    needed = {
        row.id: need
        for row in catalogue.items.values()
        if row.id not in held and (need := row.need_in(flow, known))
    }
    # What is served before the land is supplied (供地前已满足) is waited for by nobody.
    waited_for = frozenset(
        [one for one, need in needed.items() if need is not Need.SERVED]
        + [one.item for one in begun if one.need is not Need.SERVED]
    )
    if accepted:
        whole = written(catalogue, circumstances.management, circumstances.land_mode)
        order = bridged(keeping(whole, [held[item] for item in accepted]), waited_for)
    else:
        order = _order(catalogue, circumstances.management, circumstances.land_mode, waited_for)

    def planned(row: CatalogueItem) -> PlannedItem:
        after, beside = order.after.get(row.id, ()), order.beside.get(row.id, ())
        if row.id in held:
            return held[row.id].model_copy(update={"after": after, "beside": beside})
        statutory, promised = _terms(row, needed[row.id], known)
        competent = row.changed(known).get("competent", row.competent)
        handling = catalogue.handling_of(row, competent)
        return PlannedItem(
            item=row.id,
            name=row.name,
            stage=flow.merged.get(row.stage, row.stage),
            track=Track.OUTSIDE if circumstances.land_mode in row.outside else row.track,
            need=needed[row.id],
            competent=_whose(catalogue.offices[competent], offices),
            handling=_whose(handling, offices),
            statutory=statutory,
            promised=promised,
            after=after,
            beside=beside,
            gate=row.gate,
            unanswered=_unanswered(row, needed[row.id], known),
        )

    rows = (row for row in catalogue.items.values() if row.id in held or row.id in needed)
    return Drawn(
        catalogue=catalogue.valid_from,
        flow_name=flow.name,
        items=tuple(planned(row) for row in rows),
        stages=tuple(_stages(flow, catalogue)),
        total_limit=catalogue.total_limit if flow.limits else None,
    )


def _terms(row: CatalogueItem, need: Need, known: Known) -> tuple[ItemTerm | None, ItemTerm | None]:
    return (None, None) if need is Need.SERVED else row.terms_of(known)


def _unanswered(row: CatalogueItem, need: Need, known: Known) -> tuple[str, ...]:
    return () if need in (Need.REQUIRED, Need.SERVED) else row.when.open_questions(known)


def _whose(office: str, offices: Offices) -> str:
    match office:
        case "ground":
            return offices.ground
        case "unit":
            return offices.unit
        case _:
            return office


def _stages(flow: Flow, catalogue: Catalogue) -> Sequence[StageLimit]:
    return [
        StageLimit(
            stage=stage,
            name="、".join(
                name for one, name in catalogue.stages.items() if flow.merged.get(one, one) is stage
            ),
            limit=flow.limits.get(stage),
        )
        for stage in catalogue.stages
        if stage not in flow.merged
    ]


@lru_cache(maxsize=1024)
def _order(
    catalogue: Catalogue, management: Management, land_mode: LandMode, standing: frozenset[str]
) -> Order:
    return bridged(written(catalogue, management, land_mode), standing)
