"""角色与权限: what each role may do and sees, read off the tables that the doors and lists ask."""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from fastapi import APIRouter, Request, Response

from contracts.reference import roles
from services.console.pages.administering import Administering
from services.console.pages.frame import Site
from services.console.pages.words import STAGE_BY_CODE
from shared.scope import APPROVAL_SCOPES, MONTH_SCOPES, PROJECT_SCOPES, Act, acts_of
from shared.seeing import (
    EVERYTHING,
    NOTHING,
    AllOf,
    Always,
    Among,
    AnyOf,
    Condition,
    Filled,
    Lists,
    Outside,
    Own,
)

ACTS: dict[Act, str] = {
    "report": "建档、报送",
    "first_review": "市级初审",
    "final_review": "省级审核",
    "attach": "上传附件",
    "load_opening": "期初装入",
    "sign": "招商签约",
    "oversee_signings": "统管招商签约",
    "tag": "标签",
    "handle_items": "审批事项办理",
    "receive_items": "收件",
    "apply_for_items": "申报审批事项",
    "steer_approvals": "统筹审批",
    "import_results": "导入审批结果",
    "operate": "运维",
    "keep_calendar": "工作日历",
    "administer": "账号与机构",
    "read_personal_data": "显示联系方式",
    "erase_personal_data": "个人信息删除",
}
SIDES = {"fills": "填报", "approves": "审核", "": ""}
FIELDS = {
    "contact": "负责人和电话",
    "review_comments": "审核意见",
    "evidence": "佐证附件",
    "duplicates": "查重比对的另一件",
    "place_in_journal": "总账位置",
}
_OWN = {"org": "本单位的", "region": "本县区的", "zone_id": "本开发区的"}


class Right(NamedTuple):
    """What a role sees of one thing: all of it, or which part."""

    thing: str
    part: str


class Line(NamedTuple):
    """One role as the page shows it."""

    code: str
    name: str
    duty: str
    side: str
    acts: tuple[str, ...]
    rights: tuple[Right, ...]


def spoken(condition: Condition) -> str:
    """Say which rows a condition holds for, as what comes before “项目”."""
    match condition:
        case Always(shown):
            return "全部" if shown else "没有"
        case Own(_, of):
            return _OWN[of]
        case Lists():
            return "有本单位事项的"
        case Filled():
            return "已入库的"
        case Among(_, values):
            return f"{_stages(values)}的"
        case Outside(_, values):
            return f"{_stages(values)}以外的"
        case AnyOf(parts):
            return "，或".join(map(spoken, parts))
        case AllOf(parts):
            return "且".join(
                f"（{spoken(part)}）" if isinstance(part, AnyOf) else spoken(part) for part in parts
            )
        case _:
            assert_never(condition)


def _stages(values: tuple[str, ...]) -> str:
    return "、".join(STAGE_BY_CODE[value].name for value in values)


def _rights(role: str) -> Iterator[Right]:
    shown = PROJECT_SCOPES.rows.get(role, NOTHING)
    if shown != NOTHING:
        yield Right("项目", spoken(shown))
    for field, conditions in PROJECT_SCOPES.fields.items():
        part = conditions.get(role, NOTHING)
        if part != NOTHING:
            whole = part in (EVERYTHING, shown)
            yield Right(FIELDS[field], "所见项目的" if whole else spoken(part))
    plans = APPROVAL_SCOPES.rows.get(role, NOTHING)
    if plans != NOTHING:
        yield Right("审批计划", spoken(plans))
    months = MONTH_SCOPES.rows.get(role, NOTHING)
    if months != NOTHING:
        yield Right("按月报送", "全市的" if months == EVERYTHING else spoken(months))


def lines() -> list[Line]:
    """Give every role with what it may do and sees."""
    return [
        Line(
            role.code,
            role.name,
            role.duty,
            SIDES[role.side],
            tuple(name for act, name in ACTS.items() if act in acts_of(role.code)),
            tuple(_rights(role.code)),
        )
        for role in roles()
    ]


def pages(site: Site) -> APIRouter:
    """Give the route of the roles."""
    router = APIRouter()
    desk = Administering(site)

    @router.get("/roles")
    async def listed(request: Request) -> Response:
        visit = await desk.visit(request)
        return await site.render(
            request, "roles.html", visit, title="角色与权限", current="roles", lines=lines()
        )

    return router
