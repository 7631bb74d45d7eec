"""Which item of a plan a row of results is about, and what is asked of the plan to take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never
from uuid import UUID

from contracts.approval_tracking import ItemState, ResultRow, ResultStep
from services.approval_tracking.approval_plan.commands import (
    Accept,
    Acted,
    AskCorrections,
    By,
    Correct,
    Grant,
    Pause,
    Receive,
    Refuse,
    Resume,
    Revoke,
    Withdraw,
)
from services.approval_tracking.approval_plan.rules import CatalogueOf
from services.approval_tracking.approval_plan.states import OVER, Plan, PlanState
from shared.refusals import Refusal
from shared.working_days import InForce


class UnknownCode(Refusal):
    """No project that we know has the code."""

    code = "unknown_code"


class NoSuchPlan(Refusal):
    """The project has no plan of approvals."""

    code = "no_such_plan"


class NoSuchItem(Refusal):
    """The project's plan has no such item."""

    code = "no_such_item"


class NoSuchProcedure(Refusal):
    """No rule of ours lets a clock stand still for this."""

    code = "no_such_procedure"


class ToldOtherwise(Refusal):
    """The same platform has told of the same step on the same day, and said something else."""

    code = "told_otherwise"


@dataclass(frozen=True)
class Adopting:
    """What every row is taken with: who brings it, on which day, by which rules."""

    by: By
    on: date
    days: InForce
    catalogue_of: CatalogueOf

    def commands(
        self, row: ResultRow, project_id: UUID, item: str, plan: PlanState
    ) -> tuple[Acted, ...]:
        """Give what is asked of the plan, in order.

        Raises:
            Refusal: the plan has no such item, or no rule knows the procedure.
        """
        name = item_named(item, plan)
        of: dict[str, Any] = {
            "project_id": project_id,
            "on": self.on,
            "by": self.by,
            "item": name,
            "days": self.days,
            "catalogue_of": self.catalogue_of,
            "happened_on": row.happened_on,
        }
        reason, basis = row.reason or "", row.basis or ""
        match row.step:
            case ResultStep.RECEIVED:
                return (Receive(**of),)
            case ResultStep.ACCEPTED:
                # Who accepts on the spot (行政许可法 32) has received on that day.
                begun = isinstance(plan, Plan) and plan.items[name].state not in _NOT_UNDER_WAY
                return (Accept(**of),) if begun else (Receive(**of), Accept(**of))
            case ResultStep.CORRECTIONS_ASKED:
                return (AskCorrections(**of, corrections=_listed(reason)),)
            case ResultStep.CORRECTED:
                return (Correct(**of),)
            case ResultStep.PAUSED:
                return (
                    Pause(
                        **of,
                        procedure=self._procedure(row),
                        reason=reason,
                        notice=row.document_number,
                        expected_days=row.expected_days or 1,
                    ),
                )
            case ResultStep.RESUMED:
                return (Resume(**of),)
            case ResultStep.GRANTED:
                return (
                    Grant(
                        **of,
                        document_number=row.document_number,
                        valid_until=row.valid_until,
                        note=row.reason,
                    ),
                )
            case ResultStep.REFUSED:
                return (Refuse(**of, reason=reason, basis=basis),)
            case ResultStep.WITHDRAWN:
                return (Withdraw(**of, reason=reason),)
            case ResultStep.REVOKED:
                return (Revoke(**of, reason=reason, basis=basis),)
            case _:
                assert_never(row.step)

    def _procedure(self, row: ResultRow) -> str:
        known = self.catalogue_of(row.happened_on).procedures
        for code, procedure in known.items():
            if row.procedure in {code, procedure.name}:
                return code
        names = "、".join(one.name for one in known.values())
        raise NoSuchProcedure(f"特别程序“{row.procedure}”不在规则中。可用的有：{names}。")


_NOT_UNDER_WAY = OVER | {ItemState.NOT_BEGUN}


def item_named(said: str, plan: PlanState) -> str:
    """Find an item of a plan by its number in the catalogue or by its whole name.

    Raises:
        NoSuchPlan: the project has none.
        NoSuchItem: the plan has no such item.
    """
    if not isinstance(plan, Plan):
        raise NoSuchPlan("这个项目还没有审批计划。项目进入前期库后自动生成，届时可再匹配。")
    names: Mapping[str, str] = {one.planned.name: code for code, one in plan.items.items()}
    code = said.upper() if said.upper() in plan.items else names.get(said)
    if code is None:
        raise NoSuchItem(f"这个项目的审批计划里没有事项“{said}”。请核对事项编号或名称。")
    return code


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("；", "\n").splitlines() if one.strip())


ORDER: Mapping[ResultStep, int] = {step: place for place, step in enumerate(ResultStep)}
"""In which order the steps of one day happened."""
