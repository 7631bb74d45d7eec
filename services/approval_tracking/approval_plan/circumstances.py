"""What of a project decides on its approvals: what its columns suggest, what its unit answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.approval_tracking import Circumstances, Need
from services.approval_tracking.approval_plan.catalogue import Catalogue, CatalogueItem, Flow
from services.approval_tracking.approval_plan.conditions import Answer, Condition
from shared.refusals import Problem


@dataclass(frozen=True)
class Traits:
    """The columns of a project that suggest a flow, as its unit filled them in."""

    lead_side: str | None = None
    category: str | None = None
    industry: str | None = None
    zone_id: str | None = None
    total_investment: int | None = None


def suggested(traits: Traits, catalogue: Catalogue) -> Circumstances:
    """Give the circumstances that a project is taken to have until its unit says otherwise.

    The first row that holds decides; a column that is not filled in makes no row hold.
    """
    known: dict[str, Answer] = {
        name: value
        for name, value in (
            ("lead_side", traits.lead_side),
            ("category", traits.category),
            ("industry", traits.industry and traits.industry[:2]),
            ("in_zone", bool(traits.zone_id)),
            ("total_investment", traits.total_investment),
        )
        if value is not None
    }
    row = next(row for row in catalogue.defaults if row.when.holds(known))
    return Circumstances(
        management=row.management, flow=row.flow.code, land_mode=row.flow.land_mode
    )


def questions_of(flow: Flow, catalogue: Catalogue) -> tuple[str, ...]:
    """Give the questions that decide something in a flow, in the order of the catalogue."""
    asked = {
        question
        for row in catalogue.items.values()
        for condition in _deciding(row, flow)
        for question in condition.questions
    }
    if flow.free:
        asked |= {f"include_{item}" for item in catalogue.items}
    return tuple(key for key in catalogue.questions if key in asked)


def _deciding(row: CatalogueItem, flow: Flow) -> Iterator[Condition]:
    need = row.needs.get(flow.code)
    if (need is None and not flow.free) or need is Need.SERVED:
        return
    if need is not Need.REQUIRED:
        yield row.when
    yield from (variant.when for variant in row.variants)


def problems_in(stated: Circumstances, catalogue: Catalogue) -> Iterator[Problem]:
    """Say what of stated circumstances the catalogue does not know."""
    flow = catalogue.flows.get(stated.flow)
    if flow is None:
        names = "、".join(f"{one.code} {one.name}" for one in catalogue.flows.values())
        yield Problem(
            "flow", "审批流程", "known_flow", f"没有审批流程“{stated.flow}”。", f"请选择：{names}。"
        )
    elif stated.management not in flow.managements:
        yield Problem(
            "management",
            "管理方式",
            "management_of_flow",
            f"“{flow.name}”不按这种管理方式办理。",
            "请改选管理方式，或者另选审批流程。",
        )
    for key, answer in stated.answers.items():
        question = catalogue.questions.get(key)
        if question is None:
            yield Problem(
                f"answers.{key}",
                key,
                "known_question",
                f"目录里没有问题“{key}”。",
                "请删去这一项。",
            )
        elif not question.takes(answer):
            yield Problem(
                f"answers.{key}",
                question.name,
                "readable_answer",
                f"“{question.name}”不能这样回答。",
                question.remedy,
            )
