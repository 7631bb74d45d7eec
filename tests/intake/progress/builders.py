"""What stories about months and works are told with; every field defaulted, money in yuan."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.intake import (
    ConstructionStarted,
    Evidence,
    InvestmentByUse,
    Pool,
    ProgressEvent,
    ProgressReported,
)
from services.intake.policies import report_rules_of, work_rules_of
from services.intake.progress.commands import Command, RecordWork, RectifyWork, ReportProgress
from services.intake.progress.decider import PROGRESS
from services.intake.progress.states import Progress
from services.intake.progress.underway import Underway
from services.intake.project.commands import By
from shared.testing import Story

PROJECT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
WAN = 10_000
JUNE_3, JUNE_6 = date(2019, 6, 3), date(2019, 6, 6)
PHOTOGRAPH = Evidence(sort="photograph", document_number="照片1")

progress: Story[Command, Progress, ProgressEvent] = Story(PROGRESS)


def project(**changes: Any) -> Underway:
    """A project of 泽州县 in 建设库 since April, of 12 亿元."""
    known: dict[str, Any] = {
        "owner_org": "JC-ZZ",
        "owner_name": "泽州县",
        "name": "产业园一期",
        "total_investment": 120_000 * WAN,
        "pool": Pool.BUILD,
        "since": date(2019, 4, 22),
        **changes,
    }
    return Underway(**known)


def by(org: str = "JC-ZZ") -> By:
    return By(account="account-1", org=org)


def invested(construction: int = 0, **others: int) -> InvestmentByUse:
    """An investment in 万元."""
    return InvestmentByUse(
        construction=construction * WAN, **{name: wan * WAN for name, wan in others.items()}
    )


def report(month: str = "2019-05", on: date = JUNE_3, **changes: Any) -> ReportProgress:
    """Report a month, by default May on 3 June with 500 万元 of equipment."""
    asked: dict[str, Any] = {
        "project_id": PROJECT,
        "on": on,
        "by": by(),
        "project": project(),
        "month": month,
        "due": date(2019, 6, 5),
        "invested": invested(equipment=500),
        "rules": report_rules_of(on),
        **changes,
    }
    return ReportProgress(**asked)


def reported(month: str = "2019-05", wan: int = 500, **changes: Any) -> ProgressReported:
    """A month with equipment for so many 万元."""
    told: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "month": month,
        "edition": 1,
        "invested": invested(equipment=wan),
        "invested_this_year": wan * WAN,
        "invested_in_all": max(wan, 0) * WAN,
        "due": date(2019, 6, 5),
        "reported_on": JUNE_3,
        "late": False,
        **changes,
    }
    return ProgressReported(**told)


def record(what: str, happened_on: date, **changes: Any) -> RecordWork:
    """Record something of the works on 6 June, with a photograph."""
    asked: dict[str, Any] = {
        "project_id": PROJECT,
        "on": JUNE_6,
        "by": by(),
        "project": project(),
        "what": what,
        "happened_on": happened_on,
        "evidence": (PHOTOGRAPH,),
        "note": "春节停工" if what == "STOPPED" else "",
        "rules": work_rules_of(JUNE_6),
        **changes,
    }
    return RecordWork(**asked)


def rectify(what: str, was_on: date, is_on: date | None, **changes: Any) -> RectifyWork:
    """Rectify something of the works on 6 June."""
    asked: dict[str, Any] = {
        "project_id": PROJECT,
        "on": JUNE_6,
        "by": by(),
        "project": project(),
        "what": what,
        "was_on": was_on,
        "is_on": is_on,
        "reason": "开工报告上的日期抄错",
        **changes,
    }
    return RectifyWork(**asked)


def started(on: date = date(2019, 5, 2)) -> ConstructionStarted:
    return ConstructionStarted(
        project_id=PROJECT, owner_org="JC-ZZ", started_on=on, evidence=(PHOTOGRAPH,)
    )
