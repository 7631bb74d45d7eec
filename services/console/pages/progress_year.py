"""The year of one project: what each month came to, how the works went, and who said so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.intake import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
)
from services.console.pages import names, words
from services.console.pages.entry import Entry
from services.console.pages.frame import Site, not_in_scope
from services.console.pages.moment import Moment
from services.console.pages.progress_account import WORKS, Account, Month, account_of
from services.console.pages.reading import Project
from services.console.pages.rules import PROGRESS, RulesFile
from services.console.pages.session import Visit
from services.console.pages.telling import Told
from shared.deadline.terms import months_after
from shared.scope import PROJECT_SCOPES, may


@dataclass(frozen=True)
class Milestone:
    """A milestone of the rules, and how far it is."""

    code: str
    name: str
    weight: int
    percent: int
    reached_on: date | None


def pages(site: Site) -> APIRouter:
    """Give the routes of one project's months and works."""
    router = APIRouter()

    @router.get("/projects/{project_id}/progress")
    async def year(
        request: Request, project_id: UUID, year: str = "", as_of: str = "", after: str = ""
    ) -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        fresh = when.past or await site.fresh(visit, after)
        project = await seen(site, visit, when, project_id)
        account = account_of(await site.reading_of(when).progress_history(project.project_id))
        shown = year if year.isdecimal() and len(year) == 4 else f"{when.today:%Y}"
        months = account.year(shown)
        file = (await site.reading_of(when).rules(PROGRESS)).file_on(when.today)
        milestones = milestones_of(file, account)
        page = await site.render(
            request,
            "progress_year.html",
            visit,
            title=f"月报 {project.name}",
            current="progress",
            when=when,
            project=project,
            account=account,
            year=shown,
            years=sorted({*account.years, shown, f"{when.today:%Y}"}),
            months=months,
            chart=chart(months),
            milestones=milestones,
            physical=sum(one.weight * one.percent for one in milestones) // 100,
            funding=words.FUNDING_SOURCES,
            works=WORKS,
            evidence_shown=PROJECT_SCOPES.shown_to(site.reader(visit), "evidence").holds(
                vars(project)
            ),
            own=owns(site, visit, project) and not when.past,
            open_month=f"{when.today:%Y-%m}",
            first_month=_first_month(project, account),
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    @router.get("/projects/{project_id}/progress/events/{version}")
    async def event(request: Request, project_id: UUID, version: int, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        project = await seen(site, visit, when, project_id)
        told = await site.reading_of(when).progress_history(project.project_id)
        entry = next((one for one in told if one.version == version), None)
        if entry is None:
            raise not_in_scope()
        units = await site.units(visit, when)
        unit = names.organisation(entry.org, units, when.today)
        by_clock = entry.account == "system"
        who = "系统按时记录" if by_clock else f"{unit} {names.role(entry.role)}"
        placed = PROJECT_SCOPES.shown_to(site.reader(visit), "place_in_journal")
        return await site.render(
            request,
            "event.html",
            visit,
            title=f"原始记录 {title_of(entry)}",
            current="progress",
            when=when,
            crumbs=(
                ("/progress", "月报"),
                (f"/projects/{project.project_id}/progress", project.name),
            ),
            told=Told(entry, title_of(entry), "key", who, placed=placed.holds(vars(project))),
        )

    return router


async def seen(site: Site, visit: Visit, when: Moment, project_id: UUID) -> Project:
    """Give a project that the reader sees.

    Raises:
        NotFound: it is not there, or not in scope.
    """
    project = await site.reading_of(when).project(site.scope(visit), str(project_id))
    if project is None:
        raise not_in_scope()
    return project


def owns(site: Site, visit: Visit, project: Project) -> bool:
    """Tell whether this account reports for the project."""
    return may(visit.actor, "report") and project.owner_org in site.reader(visit).own("org")


def title_of(entry: Entry) -> str:
    """Say what a fact of months and works is."""
    match entry.event:
        case ProgressReported(month=month, edition=1):
            return f"{words.month(month)}月报"
        case ProgressReported(month=month, edition=edition):
            return f"更正{words.month(month)}月报（第 {edition} 版）"
        case ProgressMissed(month=month):
            return f"{words.month(month)}漏报"
        case ProgressOpened():
            return "期初累计"
        case ConstructionStarted():
            return "开工"
        case ConstructionStopped():
            return "停工"
        case ConstructionResumed():
            return "复工"
        case ConstructionNeverStopped():
            return "未停工"
        case ConstructionFinished():
            return "竣工"
        case ConstructionRectified(what=what):
            return f"更正{WORKS[what]}"
        case _:
            return entry.kind


def _first_month(project: Project, account: Account) -> str:
    """Give the first month that can be reported: after what came before, or that of the entry."""
    if account.opening:
        return f"{months_after(account.opening.as_of.replace(day=1), 1):%Y-%m}"
    return f"{project.entered_on:%Y-%m}" if project.entered_on else "9999-12"


def milestones_of(file: RulesFile | None, account: Account) -> tuple[Milestone, ...]:
    """Give every milestone of the rules with how far the project has come."""
    rows = file.values.get("milestones") if file else None
    reached = account.milestones
    found = []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping):
            percent, day = reached.get(str(row["code"]), (0, None))
            found.append(
                Milestone(str(row["code"]), str(row["name"]), int(row["weight"]), percent, day)
            )
    return tuple(found)


def chart(months: Sequence[Month]) -> str:
    """Give what each month came to, and the year so far, in 万元, for ECharts."""
    grey, ink = {"color": "#5c6875", "fontSize": 12}, {"color": "#46525f", "fontSize": 12}
    last = max((n for n, month in enumerate(months) if month.report), default=-1)
    single = [_wan(one.report.invested.total) if one.report else None for one in months]
    year = [_wan(one.this_year) if n <= last else None for n, one in enumerate(months)]
    return json.dumps(
        {
            "animation": False,
            "legend": {"top": 0, "left": 0, "textStyle": ink},
            "grid": {"left": 8, "right": 16, "top": 32, "bottom": 4, "containLabel": True},
            "xAxis": {
                "type": "category",
                "data": [f"{number}月" for number in range(1, 13)],
                "axisLabel": grey,
                "axisTick": {"show": False},
                "axisLine": {"lineStyle": {"color": "#8694a3"}},
            },
            "yAxis": {
                "type": "value",
                "axisLabel": grey,
                "splitLine": {"lineStyle": {"color": "#dce2e9"}},
            },
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "series": [
                {
                    "name": "本月",
                    "type": "bar",
                    "data": single,
                    "itemStyle": {"color": "#5b8fc2"},
                    "barMaxWidth": 22,
                },
                {
                    "name": "本年累计",
                    "type": "line",
                    "data": year,
                    "itemStyle": {"color": "#123f6e"},
                    "lineStyle": {"color": "#123f6e", "width": 2},
                    "symbolSize": 6,
                },
            ],
        },
        ensure_ascii=False,
    )


def _wan(yuan: int) -> float:
    return round(yuan / words.YUAN_PER_WAN, 2)
