"""Builders named like what approval_tracking tells of a project's plan, every field defaulted."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.approval_tracking import (
    Circumstances,
    ItemAccepted,
    ItemGranted,
    LandMode,
    Management,
    Need,
    PlanDrawnUp,
    PlannedItem,
    Stage,
    Track,
)

MAY_6 = date(2019, 5, 6)
NAMES = {
    "A01": "项目赋码",
    "A10": "项目备案",
    "A12": "供地",
    "B01": "环境影响评价审批",
    "B07": "建设工程规划许可证",
    "C06": "施工许可证",
    "D09": "竣工验收备案",
}
NUMBERS = {item: f"晋市审〔2019〕{number}号" for number, item in enumerate(NAMES, start=1)}


def planned(item: str, **changes: Any) -> PlannedItem:
    fields: dict[str, Any] = {
        "item": item,
        "name": NAMES[item],
        "stage": Stage.SITING,
        "track": Track.MAIN,
        "need": Need.REQUIRED,
        "competent": "D-NRP",
        "handling": "D-NRP",
    }
    return PlannedItem(**{**fields, **changes})


def drawn_up(project_id: UUID, items: tuple[PlannedItem, ...] = ()) -> PlanDrawnUp:
    return PlanDrawnUp(
        project_id=project_id,
        owner_org="JC-ZZ",
        edition=1,
        project_revision=1,
        circumstances=Circumstances(
            management=Management.FILING, flow="SY", land_mode=LandMode.GRANTED
        ),
        flow_name="一般社会投资（出让地）",
        catalogue=date(2019, 4, 23),
        items=items or tuple(map(planned, NAMES)),
        stages=(),
        total_limit=120,
        drawn_up_on=MAY_6,
    )


def accepted(project_id: UUID, item: str, on: date = MAY_6) -> ItemAccepted:
    return ItemAccepted(
        project_id=project_id,
        item=item,
        attempt=1,
        handling="D-NRP",
        accepted_on=on,
        catalogue=date(2019, 1, 1),
        clocks=(),
    )


def granted(project_id: UUID, item: str, on: date = MAY_6, **changes: Any) -> ItemGranted:
    fields: dict[str, Any] = {
        "project_id": project_id,
        "item": item,
        "attempt": 1,
        "handling": "D-NRP",
        "granted_on": on,
        "document_number": NUMBERS[item],
    }
    return ItemGranted(**{**fields, **changes})
