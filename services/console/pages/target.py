"""One target: how its figure comes about, the lists that it counts, its curve, its forecast."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response

from services.console.pages import figure_words, names, words
from services.console.pages.counting import PAGE_ROWS, Member, Members, by_place
from services.console.pages.exporting import give, not_too_many
from services.console.pages.frame import Site
from services.console.pages.moment import end_of
from services.console.pages.on_time import members_of
from services.console.pages.sheet_file import Column
from services.console.pages.target_chart import Curve
from services.console.pages.target_figures import (
    FIGURE_COLUMNS,
    Asked,
    Shown,
    Table,
    TargetFigures,
)
from services.console.targets import figures
from services.console.targets.figures import Figure, Line
from shared.refusals import NotAllowed, NotFound


def add_page(router: APIRouter, site: Site, reckoning: TargetFigures) -> None:
    """Add the route of one target."""

    @router.get("/targets/{code}")
    async def one(
        request: Request,
        code: Annotated[str, Path(pattern=r"^[KG]\d{2}$")],
        unit: str = "",
        part: str = "",
        page: str = "",
        as_of: str = "",
        export: str = "",
    ) -> Response:
        now = await reckoning.asked(request, as_of)
        targets = now.plan.of_code(code)
        if not targets:
            raise NotFound("没有这一项目标。")
        holders = [(target, one) for target in targets for one in now.holders(target)]
        if not holders:
            raise NotAllowed("这项目标由审核单位和看全市项目的部门查看。")
        chosen = next((pair for pair in holders if pair[1].id == unit), None)
        if chosen is None and unit:
            raise NotFound("没有这个单位的这一项目标，或者它不在你单位的范围内。")
        # One's own needs no choosing.
        chosen = chosen or (holders[0] if len(holders) == 1 else None)
        found = now.shown(*chosen) if chosen else None
        # Units that have a goal of the same code stand beside the city's.
        beside = [now.table(one.each, [one]) for one in targets if one.each and not unit]
        sets = sets_of(found.figure) if found else {}
        listed = sets.get(part) or next(iter(sets.values()), None)
        if export:
            return await give_list(request, now, code, found, listed, beside)
        number = max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1
        members = await _members(site, now, found, listed, number) if found and listed else None
        if found and listed and members:
            last = max(1, -(-members.sum.count // PAGE_ROWS))
            if number > last:
                return site.turn(request, now.when.keep(_address(found, listed, last)))
        return await site.render(
            request,
            "target.html",
            now.visit,
            title=f"{code} {targets[0].name}",
            current="targets",
            when=now.when,
            code=code,
            targets=targets,
            found=found,
            tables=beside if len(holders) > 1 else [],
            curve=await _curve(site, now, found)
            if found and found.figure.ratio and found.figure.target.each != "body"
            else None,
            sets=sets,
            listed=listed,
            members=members,
            number=number,
            turn_to=lambda one, to: now.when.keep(_address(found, one, to)) if found else "",
            written=figure_words,
        )

    async def give_list(
        request: Request,
        now: Asked,
        code: str,
        found: Shown | None,
        listed: Line | None,
        beside: Sequence[Table],
    ) -> Response:
        if found and listed:
            not_too_many(listed.sum.count)
            members = await _members(site, now, found, listed, 0)
            name, said = f"{code} {listed.part.words}", (found.whose.name, found.figure.target.name)
            return await give(
                site, request, now.visit, now.when, name, member_columns(now), members.rows, said
            )
        shown = (one for table in beside for one in table.shown)
        name = f"{code} 各单位"
        return await give(site, request, now.visit, now.when, name, FIGURE_COLUMNS, shown)


def member_columns(now: Asked) -> tuple[Column[Member], ...]:
    """Give the columns of a list of members in a file, with names as of the page's day."""
    today = now.when.today
    return (
        Column("名称", lambda row: row.name),
        Column("代码或合同号", lambda row: row.code),
        Column("单位", lambda row: names.owner(row.owner_org, row.owner_name, now.units, today)),
        Column("库", lambda row: words.POOL_BY_CODE[row.pool].name if row.pool else None),
        Column("状态", lambda row: row.standing_words),
        Column("地区", lambda row: names.region(row.region, today)),
        Column("开发区", lambda row: names.zone(row.zone_id, today)),
        Column("入库或发生日", lambda row: row.since),
        Column("说明", lambda row: row.note),
        Column("计入金额（万元）", lambda row: words.in_wan(row.amount)),
    )


async def _members(site: Site, now: Asked, found: Shown, listed: Line, page: int) -> Members:
    if found.figure.target.each == "body":
        return members_of(now.months, found.whose.id, listed.part)
    return await (await site.counting(now.when)).members(
        now.reader, listed.part, found.whose.place, now.when.today.year, page
    )


async def _curve(site: Site, now: Asked, found: Shown) -> Curve:
    """Ask how the figure stood at the end of each month that was recorded, and stands."""
    first = await site.reading.first_day() or now.when.today
    year, target = now.when.today.year, found.figure.target
    points: list[Fraction | None] = []
    for month in range(1, now.when.today.month):
        end = date(year, month + 1, 1) - timedelta(days=1)
        if end < first:
            points.append(None)
            continue
        then = end_of(end)
        cells = await (await site.counting(then)).cells(now.reader, now.plan.parts, year)
        of_his = by_place(cells).get(found.whose.place, ())
        points.append(figures.figure(target, of_his, end).value)
    return Curve(found.figure, (*points, found.figure.value))


def sets_of(figure: Figure) -> dict[str, Line]:
    """Give every set that a figure is made of, its variants' too, by name."""
    ratios = [figure.ratio, *(other.ratio for other in figure.others)]
    return {
        line.part.what.value: line
        for ratio in ratios
        if ratio is not None
        for line in (*ratio.counts, *ratio.of)
    }


def _address(found: Shown, listed: Line, page: int) -> str:
    asked = {
        "unit": found.whose.id,
        "part": listed.part.what.value,
        "page": page if page > 1 else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/targets/{found.figure.target.code}?{query}"
