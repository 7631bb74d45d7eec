"""Builders named like the facts and the commands of a dossier, every field defaulted."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.intake import (
    Builder,
    Category,
    DuplicateJudged,
    Funding,
    FundingSource,
    Holder,
    LeadSide,
    Level,
    Likeness,
    Location,
    Pool,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    Remark,
    ReviewApproved,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTermMoved,
    ReviewWithdrawn,
    Term,
    Track,
)
from contracts.reference import calendar_years
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.policies import form_of, terms_on
from services.intake.project.commands import By, DiscardProject, DraftProject, ReviseProject
from services.intake.project.rules import Contact
from services.intake.review.commands import (
    JudgeDuplicate,
    RecountTerm,
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    TellOverdue,
    Verdict,
    WithdrawReport,
)
from shared.deadline import Calendar
from shared.testing import Story
from shared.working_days import FILE, InForce

dossier: Story[Sequence[DossierCommand], Dossier, DossierEvent] = Story(DOSSIER)

PROJECT = UUID("00000000-0000-7000-8000-000000000001")
CONTACT = UUID("00000000-0000-7000-8000-0000000000c1")
APRIL_25 = date(2019, 4, 25)
CLERK = By(account="clerk", org="JC-ZZ")
COLLEAGUE = By(account="colleague", org="JC-ZZ")
NEIGHBOUR = By(account="neighbour", org="JC-GP")
CITY = By(account="city", org="D-DRC")
PROVINCE = By(account="province", org="X-PRC")
OFFICER = Contact("张三", "0356-2198345")

DAYS = InForce(Calendar(calendar_years()), FILE)
"""The calendar before anything was heard."""

TERMS = terms_on(APRIL_25, DAYS)

YI = 100_000_000
WAN = 10_000

OTHER = UUID("00000000-0000-7000-8000-000000000002")
OWN = Likeness(
    owner_name="泽州县", name="巴公装备制造产业园一期", region="140525", total_investment=12 * YI
)
OTHERS = Likeness(
    owner_name="市工信局", name="巴公装备制造产业园", region="140525", total_investment=12 * YI
)


def facts(**changes: Any) -> ProjectFacts:
    """A complete form 附件1."""
    columns: dict[str, Any] = {
        "name": "巴公装备制造产业园一期",
        "content": "新建标准厂房 12 万平方米及配套管网。",
        "location": Location(region="140525", address="巴公镇工业园东区", zone_id=None),
        "builder": Builder(name="泽州县鸿业开发有限公司", uscc="91140500MA0T00011Y"),
        "total_investment": 12 * YI,
        "funding": (
            Funding(source=FundingSource.SELF_RAISED, amount=4 * YI),
            Funding(source=FundingSource.LOAN, amount=8 * YI),
        ),
        "planned_start": "2020-03",
        "contact_id": CONTACT,
        "category": Category.EMERGING,
        "track": Track.INDUSTRIAL_CHAIN,
        "lead_side": LeadSide.MARKET,
        "industry": "34",
    }
    return ProjectFacts(**{**columns, **changes})


# What is asked.


def draft(project: ProjectFacts | None = None, **changes: Any) -> DraftProject:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CLERK,
        "not_secret": True,
        "owner_name": "泽州县",
        "facts": project or facts(),
        "form": form_of(APRIL_25, OFFICER),
    }
    return DraftProject(**{**fields, **changes})


def revise(project: ProjectFacts, **changes: Any) -> ReviseProject:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CLERK,
        "not_secret": True,
        "facts": project,
        "form": form_of(APRIL_25, OFFICER),
    }
    return ReviseProject(**{**fields, **changes})


def discard(by: By = CLERK) -> DiscardProject:
    return DiscardProject(project_id=PROJECT, by=by)


def report(**changes: Any) -> ReportProject:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CLERK,
        "on": APRIL_25,
        "form": form_of(changes.get("on", APRIL_25), OFFICER),
        "terms": terms_on(changes.get("on", APRIL_25), DAYS),
        "not_secret": True,
    }
    return ReportProject(**{**fields, **changes})


def withdraw(reason: str = "投资额有变化", by: By = CLERK) -> WithdrawReport:
    return WithdrawReport(project_id=PROJECT, by=by, reason=reason)


def review_first(verdict: Verdict = Verdict.PASS, **changes: Any) -> ReviewFirst:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CITY,
        "verdict": verdict,
        "on_revision": 1,
        "terms": TERMS,
        "opinion": "要素齐全，同意上报。",
    }
    return ReviewFirst(**{**fields, **changes})


def review_finally(verdict: Verdict = Verdict.PASS, **changes: Any) -> ReviewFinally:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": PROVINCE,
        "verdict": verdict,
        "on_revision": 1,
        "on": APRIL_25,
        "terms": terms_on(changes.get("on", APRIL_25), DAYS),
        "opinion": "同意入库。",
    }
    return ReviewFinally(**{**fields, **changes})


def judge(**changes: Any) -> JudgeDuplicate:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CITY,
        "other_id": OTHER,
        "other": OTHERS,
        "on_revision": 1,
        "on": APRIL_25,
        "same": False,
        "keeps": None,
        "own_of_county": False,
        "other_of_county": False,
        "similarity": 92,
        "reason": "地块和主体都不同。",
    }
    return JudgeDuplicate(**{**fields, **changes})


def tell_overdue(on: date, level: Holder = Holder.CITY, **changes: Any) -> TellOverdue:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "level": level,
        "on": on,
        "counted": TERMS.city,
    }
    return TellOverdue(**{**fields, **changes})


def recount_term(new: Term, level: Holder = Holder.CITY, **changes: Any) -> RecountTerm:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "level": level,
        "on": APRIL_25,
        "counted": TERMS.city,
        "new": new,
    }
    return RecountTerm(**{**fields, **changes})


# What happened.


def drafted(project: ProjectFacts | None = None, **changes: Any) -> ProjectDrafted:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "owner_name": "泽州县",
        "revision": 1,
        "facts": project or facts(),
    }
    return ProjectDrafted(**{**fields, **changes})


def revised(project: ProjectFacts, revision: int = 2) -> ProjectRevised:
    return ProjectRevised(project_id=PROJECT, revision=revision, facts=project)


def discarded() -> ProjectDiscarded:
    return ProjectDiscarded(project_id=PROJECT)


def submitted(**changes: Any) -> ReviewSubmitted:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "revision": 1,
        "round": 1,
        "report_month": "2019-04",
        "submitted_on": APRIL_25,
        "submitted_by": CLERK.account,
        "term": terms_on(changes.get("submitted_on", APRIL_25), DAYS).city,
    }
    return ReviewSubmitted(**{**fields, **changes})


def withdrawn(reason: str = "投资额有变化") -> ReviewWithdrawn:
    return ReviewWithdrawn(project_id=PROJECT, revision=1, reason=reason)


def passed_first(**changes: Any) -> ReviewPassedFirst:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "revision": 1,
        "reviewed_by": CITY.account,
        "opinion": "要素齐全，同意上报。",
        "term": TERMS.province,
    }
    return ReviewPassedFirst(**{**fields, **changes})


def returned(**changes: Any) -> ReviewReturned:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "revision": 1,
        "returned_by": "CITY",
        "to": Level.REPORTER,
        "opinion": "请补充资金落实情况。",
        "term": TERMS.city if changes.get("to") is Level.CITY else TERMS.reporter,
    }
    return ReviewReturned(**{**fields, **changes})


def rejected(**changes: Any) -> ReviewRejected:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "revision": 1,
        "rejected_by": "CITY",
        "opinion": "不属于谋划范围。",
    }
    return ReviewRejected(**{**fields, **changes})


def approved(**changes: Any) -> ReviewApproved:
    fields: dict[str, Any] = {"project_id": PROJECT, "revision": 1, "opinion": "同意入库。"}
    return ReviewApproved(**{**fields, **changes})


def duplicate(**changes: Any) -> DuplicateJudged:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "other_id": OTHER,
        "verdict": "DISTINCT",
        "keeps": None,
        "own": OWN,
        "other": OTHERS,
        "similarity": 92,
        "reason": "地块和主体都不同。",
        "judged_on": APRIL_25,
        "judged_by": CITY.account,
    }
    return DuplicateJudged(**{**fields, **changes})


def overdue(**changes: Any) -> ReviewOverdue:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "level": Holder.CITY,
        "due": TERMS.city.due,
        "told_on": TERMS.city.red_from,
    }
    return ReviewOverdue(**{**fields, **changes})


def term_moved(new: Term, **changes: Any) -> ReviewTermMoved:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "level": Holder.CITY,
        "old": TERMS.city,
        "new": new,
    }
    return ReviewTermMoved(**{**fields, **changes})


def pooled(project: ProjectFacts | None = None, **changes: Any) -> ProjectPooled:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "owner_name": "泽州县",
        "revision": 1,
        "facts": project or facts(),
        "pool": Pool.PLAN,
        "transition": "T01",
        "report_month": "2019-04",
        "approved_on": APRIL_25,
    }
    return ProjectPooled(**{**fields, **changes})


def remark(field: str, text: str = "请核对") -> Remark:
    return Remark(field=field, text=text)
