"""Plans drawn up for the stories about drawing."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from contracts.approval_tracking import Circumstances, LandMode, PlannedItem
from services.approval_tracking.approval_plan.conditions import Answer
from services.approval_tracking.approval_plan.drawing import Drawn, Offices, draw_up
from services.approval_tracking.policies import catalogue_of

FLOWS = ("GF", "GX", "HZ", "SY", "SX", "SD", "CN")
MAY_2019 = date(2019, 5, 6)
OFFICES = Offices(ground="JC-ZZ", unit="D-EDU")
DENYING: Mapping[str, Answer] = {"land": "STOCK", "eia": "NONE", "works_size": "MEDIUM"}
MEETING: Mapping[str, Answer] = {"land": "NEW", "eia": "BOOK", "works_size": "LARGE"}


def circumstances(
    flow: str = "GF",
    answers: Mapping[str, Answer] = MappingProxyType({}),
    land_mode: LandMode | None = None,
) -> Circumstances:
    row = catalogue_of(MAY_2019).flows[flow]
    return Circumstances(
        management=row.management,
        flow=flow,
        land_mode=land_mode or row.land_mode,
        answers=dict(answers),
    )


def drawn(
    flow: str = "GF",
    answers: Mapping[str, Answer] = MappingProxyType({}),
    land_mode: LandMode | None = None,
    on: date = MAY_2019,
) -> Drawn:
    return draw_up(circumstances(flow, answers, land_mode), catalogue_of(on), OFFICES)


def all_answered(*, met: bool, on: date = MAY_2019) -> Mapping[str, Answer]:
    """Answer every question so that all conditional items apply, or none."""
    answers: dict[str, Answer] = {}
    for key, question in catalogue_of(on).questions.items():
        if key.startswith("include_"):
            continue
        match question.kind:
            case "yes_no":
                answers[key] = met
            case "number":
                answers[key] = 10**9 if met else 0
            case _ if key in DENYING:
                answers[key] = (MEETING if met else DENYING)[key]
    return answers


def items(plan: Drawn) -> dict[str, PlannedItem]:
    return {item.item: item for item in plan.items}
