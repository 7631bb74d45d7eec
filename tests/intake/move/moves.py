"""Builders named like what is asked and told of moves, every field defaulted."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.intake import (
    Evidence,
    MoveApplied,
    MoveApproved,
    MoveRefused,
    MoveWithdrawn,
    Pool,
    ProjectHeld,
    ProjectMoved,
    SplitPart,
)
from services.intake.move.commands import ApplyForMove
from services.intake.move.others import Other
from services.intake.move.rules import Works
from services.intake.policies import form_of, move_rules_of, terms_on
from tests.intake.dossiers import (
    CLERK,
    DAYS,
    OFFICER,
    PROJECT,
    approved,
    dossier,
    drafted,
    facts,
    passed_first,
    pooled,
    submitted,
)

APPLICATION = UUID("00000000-0000-7000-8000-0000000000a1")
OTHER = UUID("00000000-0000-7000-8000-000000000002")
FIRST, SECOND = (UUID(f"00000000-0000-7000-8000-0000000000b{n}") for n in (1, 2))
MAY_6 = date(2019, 5, 6)
CODE = "2019-140525-34-03-002187"
RULES = move_rules_of(MAY_6)

in_plan = dossier.given(drafted(), submitted(), passed_first(), approved(), pooled())
"""A project in 谋划库 whose form has builder and code."""

coded = facts(project_code=CODE)
ready = dossier.given(drafted(coded), submitted(), passed_first(), approved(), pooled(coded))
"""The same with a project code."""


def papers(*sorts: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(sort=sort, document_number="泽发改〔2019〕7号") for sort in sorts)


FOR_PREP = ("acceptance_notice", "preparation_plan")
FOR_BUILD = ("project_approval", "land_permit", "planning_permit", "environment_approval")


def apply(transition: str, **changes: Any) -> ApplyForMove:
    on = changes.get("on", MAY_6)
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CLERK,
        "application_id": APPLICATION,
        "on": on,
        "transition": transition,
        "reason": "",
        "rules": move_rules_of(on),
        "works": Works(),
        "terms": terms_on(on, DAYS),
        "form": form_of(on, OFFICER),
    }
    return ApplyForMove(**{**fields, **changes})


def applied(transition: str = "T12", **changes: Any) -> MoveApplied:
    on = changes.get("applied_on", MAY_6)
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "application_id": APPLICATION,
        "owner_org": "JC-ZZ",
        "revision": 2,
        "round": 1,
        "transition": transition,
        "effect": RULES.transitions[transition].effect,
        "from_pool": Pool.PLAN,
        "to_pool": RULES.transitions[transition].to,
        "fast_track": transition == "T13",
        "reason": "",
        "evidence": (),
        "report_month": f"{on:%Y-%m}",
        "applied_on": on,
        "applied_by": CLERK.account,
        "term": terms_on(on, DAYS).city,
    }
    return MoveApplied(**{**fields, **changes})


def move_approved(**changes: Any) -> MoveApproved:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "application_id": APPLICATION,
        "revision": 2,
        "opinion": "同意入库。",
    }
    return MoveApproved(**{**fields, **changes})


def move_refused(**changes: Any) -> MoveRefused:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "application_id": APPLICATION,
        "revision": 2,
        "refused_by": "CITY",
        "opinion": "手续没有办结。",
    }
    return MoveRefused(**{**fields, **changes})


def move_withdrawn(reason: str = "补充材料") -> MoveWithdrawn:
    return MoveWithdrawn(project_id=PROJECT, application_id=APPLICATION, reason=reason)


def moved(transition: str = "T12", **changes: Any) -> ProjectMoved:
    rule = RULES.transitions[transition]
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "transition": transition,
        "from_pool": rule.origins[0],
        "to_pool": rule.to,
        "fast_track": rule.fast_track,
        "total_investment": coded.total_investment,
        "reason": "",
        "moved_on": MAY_6,
    }
    return ProjectMoved(**{**fields, **changes})


def held(**changes: Any) -> ProjectHeld:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "pool": Pool.PLAN,
        "reason": "贷款没有到位。",
        "resume_when": "授信批复后",
        "hold_until": date(2020, 5, 6),
        "held_on": MAY_6,
    }
    return ProjectHeld(**{**fields, **changes})


def other(**changes: Any) -> Other:
    fields: dict[str, Any] = {
        "project_id": OTHER,
        "facts": facts(name="巴公装备制造产业园二期", total_investment=300_000_000),
        "pool": Pool.PLAN,
        "free": True,
    }
    return Other(**{**fields, **changes})


def part(project_id: UUID, name: str, total: int) -> SplitPart:
    one = facts(name=name, total_investment=total, contact_id=None, funding=_funded(total))
    return SplitPart(project_id=project_id, facts=one)


def _funded(total: int) -> tuple[Any, ...]:
    (first, *_) = facts().funding
    return (first.model_copy(update={"amount": total}),)
