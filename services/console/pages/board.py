"""四库看板: where is everything, and what is under way."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import names, words
from services.console.pages.exporting import give
from services.console.pages.filters import Asked, chips, options, read_filter
from services.console.pages.frame import Site
from services.console.pages.reckoning import HOLDERS
from services.console.pages.sheet_file import Column
from services.console.pages.tally import Cell
from shared.units import Units

_GROUPS = {"department": ("市直部门", "kind:department"), "group": ("企业集团", "kind:group")}
_EMPTY = Cell()
_LINES = ("RETURNED", "SUBMITTED", "CITY_PASSED", "DRAFT")
# What has a term is listed by it.
_SORTED = dict.fromkeys(HOLDERS, "due")


@dataclass(frozen=True)
class Row:
    """One line of the matrix: a unit or a group of units, with the filter that lists it."""

    name: str
    org: str
    cells: tuple[Cell, ...]

    @property
    def money(self) -> int:
        """Yuan in all four pools."""
        return sum(cell.money for cell in self.cells)


@dataclass(frozen=True)
class Line:
    """What is under way at one stage, with the list that it counts."""

    stage: str
    count: int
    address: str
    oldest: datetime


def _pool_columns(place: int, name: str) -> tuple[Column[Row], Column[Row]]:
    return (
        Column(f"{name}项目数", lambda row: row.cells[place].count),
        Column(f"{name}总投资（万元）", lambda row: words.in_wan(row.cells[place].money)),
    )


_COLUMNS = (
    Column[Row]("单位", lambda row: row.name),
    *chain.from_iterable(_pool_columns(place, pool.name) for place, pool in enumerate(words.POOLS)),
)


def pages(site: Site) -> APIRouter:
    """Give the routes of the board."""
    router = APIRouter()

    @router.get("/")
    async def first(request: Request) -> Response:
        return site.turn(request, "/board")

    @router.get("/board")
    async def board(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit = await site.visit(request)
        when = await site.moment(asked.as_of)
        asked, scope, today = asked.of(when), site.scope(visit), when.today
        fresh = when.past or await site.fresh(visit, asked.after)
        units = await site.units(visit, when)
        ask = read_filter(asked, units, today)
        async with site.reading_of(when).laid_out() as reading:
            tally = await reading.tally(scope, ask, today.replace(day=1))
            mark = f"{tally.mark}-{today:%m%d}"
            if asked.token == mark and request.headers.get("HX-Request"):
                nothing_new = Response(status_code=204)
                site.stamp(nothing_new, await site.as_of())
                return nothing_new
            cards = await reading.cards(scope, ask)
            choices = await reading.choices(scope)
        rows = matrix_rows(tally.matrix, units, today, by_unit=asked.view == "units")
        if asked.export:
            said = [chip.text for chip in chips(asked, "/board", units, today)]
            lines = (*rows, sum_row(rows, asked.org))
            return await give(site, request, visit, when, "四库分单位", _COLUMNS, lines, said)
        page = await site.render(
            request,
            "board.html",
            visit,
            title="四库看板",
            current="board",
            when=when,
            asked=asked,
            chips=chips(asked, "/board", units, today),
            options=options(choices, asked, units, today),
            heads=tally.heads,
            cards=cards,
            rows=rows,
            total=sum_row(rows, asked.org),
            chart=chart(rows),
            sees_nothing=scope.nothing,
            lines=_lines(tally.stages, asked),
            mark=mark,
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    @router.get("/basis")
    async def basis(request: Request, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        return await site.render(request, "basis.html", visit, title="数字的依据", when=when)

    @router.get("/help")
    async def help_page(request: Request) -> Response:
        return await site.render(
            request, "help.html", await site.visit(request), title="帮助与按键"
        )

    return router


def matrix_rows(
    matrix: Mapping[str, Mapping[str, Cell]], units: Units, on: date, *, by_unit: bool
) -> tuple[Row, ...]:
    """Order the units as the plan does; departments and groups stand together unless asked.

    A unit that has ended keeps what was reported under it.
    """
    lines: dict[str, tuple[str, list[str]]] = {}
    for unit in units.so_far(on):
        if unit.id not in matrix:
            continue
        if unit.kind in _GROUPS and not by_unit:
            name, address = _GROUPS[unit.kind]
            lines.setdefault(address, (name, []))[1].append(unit.id)
        else:
            lines[unit.id] = (words.unit(unit, on), [unit.id])
    size = {
        address: sum(unit.kind == kind for unit in units.planning_bodies(on))
        for kind, (_, address) in _GROUPS.items()
    }
    for org in sorted(set(matrix) - {unit.id for unit in units.so_far(on)}):
        lines[org] = (names.organisation(org, units, on), [org])
    return tuple(
        Row(
            f"{name}（{size[address]} 家）" if address in size else name,
            address,
            tuple(
                add_up(matrix[org].get(pool.code, _EMPTY) for org in orgs) for pool in words.POOLS
            ),
        )
        for address, (name, orgs) in lines.items()
    )


def add_up(cells: Iterable[Cell]) -> Cell:
    """Add up cells."""
    found = tuple(cells)
    return Cell(sum(cell.count for cell in found), sum(cell.money for cell in found))


def sum_row(rows: tuple[Row, ...], org: str) -> Row:
    """Give the sum row over the whole filter."""
    cells = tuple(add_up(row.cells[place] for row in rows) for place in range(len(words.POOLS)))
    return Row("合计", org, cells)


def chart(rows: tuple[Row, ...]) -> str:
    """Give the bar chart of the matrix: 亿元 by unit, one colour per pool, for ECharts."""
    named = [row for row in rows if row.money]
    series = [
        {
            "name": pool.name,
            "type": "bar",
            "stack": "pools",
            "barMaxWidth": 16,
            # The edge keeps neighbours apart for whoever does not tell their colours apart.
            "itemStyle": {"color": pool.colour, "borderColor": "#fff", "borderWidth": 1},
            "emphasis": {"disabled": True},
            "data": [round(row.cells[place].money / words.YUAN_PER_YI, 2) for row in named],
        }
        for place, pool in enumerate(words.POOLS)
        if any(row.cells[place].money for row in named)
    ]
    grey = {"color": "#5c6875", "fontSize": 12}
    return json.dumps(
        {
            "textStyle": {
                "fontFamily": '"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif'
            },
            "animation": False,
            "legend": {
                "top": 0,
                "left": 0,
                "itemWidth": 10,
                "itemHeight": 10,
                "icon": "rect",
                "textStyle": {"color": "#46525f", "fontSize": 12},
            },
            "grid": {"left": 4, "right": 20, "top": 30, "bottom": 4, "containLabel": True},
            "xAxis": {
                "type": "value",
                "axisLabel": grey,
                "name": "",
                "splitLine": {"lineStyle": {"color": "#dce2e9"}},
            },
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [row.name for row in named],
                "axisLabel": grey,
                "axisTick": {"show": False},
                "axisLine": {"lineStyle": {"color": "#8694a3"}},
            },
            "tooltip": {
                "trigger": "axis",
                "renderMode": "richText",
                "axisPointer": {"type": "shadow"},
            },
            "series": series,
        },
        ensure_ascii=False,
    )


def _lines(stages: Mapping[str, tuple[int, datetime]], asked: Asked) -> tuple[Line, ...]:
    return tuple(
        Line(
            stage,
            stages[stage][0],
            asked.address("/projects", pool="", stage=stage, sort=_SORTED.get(stage, ""), view=""),
            stages[stage][1],
        )
        for stage in _LINES
        if stage in stages
    )
