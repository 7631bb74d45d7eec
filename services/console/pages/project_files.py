"""Projects as a file: with the columns of the list, or with those of the provincial library."""

from collections.abc import Sequence
from datetime import date

from fastapi import Request, Response

from services.console.pages import names, provincial, words
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.moment import Moment
from services.console.pages.reading import Project
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import Unavailable
from shared.units import Units

PROVINCIAL = "provincial"


async def give_projects(
    site: Site,
    request: Request,
    visit: Visit,
    when: Moment,
    form: str,
    rows: Sequence[Project],
    said: Sequence[str],
) -> Response:
    """Give projects as xlsx, csv, or in the provincial layout.

    Raises:
        NoSuchFormat: another format is asked for.
        Unavailable: what one of them says has not arrived here yet.
    """
    units = await site.units(visit, when)
    if form != PROVINCIAL:
        columns = plain_columns(units, when.today)
        return await give(site, request, visit, when, "项目清单", columns, rows, said)
    laid_out = provincial.columns(provincial.layout_on(when.today), units, when.today)
    lines = await _lines(site, when, rows)
    return await give(
        site, request, visit, when, provincial.NAME, laid_out, lines, said, form="xlsx"
    )


async def _lines(site: Site, when: Moment, rows: Sequence[Project]) -> list[provincial.Line]:
    facts = await site.reading_of(when).facts_of(rows)
    if len(facts) < len(rows):
        raise Unavailable("有项目的记录还没有到齐，过几秒再导出一次。")
    return [
        provincial.Line(number, row, facts[row.project_id])
        for number, row in enumerate(rows, start=1)
    ]


def plain_columns(units: Units, on: date) -> tuple[Column[Project], ...]:
    """Give the columns of the list as a file; the page shows some of them."""
    return (
        Column("项目名称", lambda row: row.name),
        Column("项目代码", lambda row: row.project_code),
        Column("报送单位", lambda row: names.owner(row.owner_org, row.owner_name, units, on)),
        Column("建设单位", lambda row: row.builder_name),
        Column("库", lambda row: words.POOL_BY_CODE[row.pool].name if row.pool else "未入库"),
        Column("在库状态", lambda row: words.standing(row.standing)),
        Column("在办事项", lambda row: words.matter(row.matter)),
        Column("状态", lambda row: words.STAGE_BY_CODE[row.stage].name),
        Column("本环节到期", lambda row: row.term.due if row.term else None),
        Column("手续已办", lambda row: row.approvals_done),
        Column("手续共", lambda row: row.approvals_total),
        Column("具备开工条件", lambda row: row.ready_on),
        Column("未批先建线索", lambda row: row.started_unready),
        Column("地区", lambda row: names.region(row.region, on)),
        Column("开发区", lambda row: names.zone(row.zone_id, on)),
        Column("产业类别", lambda row: words.category(row.category)),
        Column("行业代码", lambda row: row.industry),
        Column("总投资（万元）", lambda row: words.in_wan(row.total_investment)),
        Column("计划开工", lambda row: row.planned_start),
        Column("首次入库日期", lambda row: row.entered_on),
        Column("进入现库日期", lambda row: row.pooled_on),
        Column("报送月份", lambda row: row.report_month),
        Column("最近变动", lambda row: row.updated_at),
        Column("项目编号", lambda row: row.project_id),
    )
