"""How figures, dates and the office's words are written on a page; one word per thing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from contracts.approval_tracking import ItemState
from contracts.erasing import ErasureReason
from contracts.intake import Category, FundingSource, LeadSide, Matter, Standing, Track
from shared.clock import SHANGHAI
from shared.units import Unit
from shared.wording import spoken_day

YUAN_PER_WAN = 10_000
YUAN_PER_YI = 100_000_000


@dataclass(frozen=True)
class PoolWords:
    """A pool as it is written: full name, short name, the class that carries its colour."""

    code: str
    name: str
    short: str
    css: str
    colour: str


POOLS = (
    PoolWords("PLAN", "谋划库", "谋划", "p-plan", "#7b8a9a"),
    PoolWords("PREP", "前期库", "前期", "p-prep", "#5b8fc2"),
    PoolWords("BUILD", "建设库", "建设", "p-build", "#2368a8"),
    PoolWords("PROD", "投产库", "投产", "p-prod", "#123f6e"),
)
POOL_BY_CODE = {pool.code: pool for pool in POOLS}


@dataclass(frozen=True)
class StageWords:
    """A stage of review: its name, its light, and who holds the dossier."""

    code: str
    name: str
    light: str
    holder: str


STAGES = (
    StageWords("DRAFT", "草稿", "draft", "填报单位"),
    StageWords("SUBMITTED", "待市级初审", "none", "市发改委"),
    StageWords("CITY_PASSED", "待省级审核", "none", "省发改委"),
    StageWords("RETURNED", "退回补正", "near", "填报单位"),
    StageWords("APPROVED", "已入库", "ok", "—"),
    StageWords("REJECTED", "不予入库", "done", "—"),
)
STAGE_BY_CODE = {stage.code: stage for stage in STAGES}

MATTERS = {Matter.ADMISSION: "入库", Matter.MOVE: "调库", Matter.CORRECTION: "更正"}
STANDINGS = {
    Standing.ACTIVE: "在库",
    Standing.HELD: "暂缓",
    Standing.ENDED: "已终止",
    Standing.OUT: "已调出",
    Standing.MERGED: "已合并",
    Standing.SPLIT: "已拆分",
}

ITEM_STATES = {
    ItemState.NOT_BEGUN: "未办",
    ItemState.RECEIVED: "已收件",
    ItemState.CORRECTING: "待补正",
    ItemState.ACCEPTED: "已受理",
    ItemState.PAUSED: "停表",
    ItemState.GRANTED: "已办结",
    ItemState.REFUSED: "不予许可",
    ItemState.WITHDRAWN: "已撤回",
    ItemState.REVOKED: "已撤销",
    ItemState.COMMITTED: "已承诺",
    ItemState.WAIVED: "免办",
    ItemState.SERVED: "政府统一服务",
}


def refusal(matter: str | None) -> str:
    """Give what a refusal of an application is called: 不予入库, 不予调库, 不予更正."""
    return f"不予{MATTERS[Matter(matter)] if matter else '入库'}"


ERASURE_REASONS = {
    ErasureReason.CONSENT_WITHDRAWN: "本人撤回同意",
    ErasureReason.PURPOSE_ENDED: "处理目的已实现或不再必要",
    ErasureReason.TERM_OVER: "保存期限已满",
    ErasureReason.UNLAWFUL: "违反法律法规或约定处理",
}
"""删除事由, after 个人信息保护法 第四十七条."""

CATEGORIES = {
    Category.EMERGING: "新兴产业",
    Category.TRADITIONAL: "传统产业升级",
    Category.INFRASTRUCTURE: "基础设施",
    Category.WELFARE: "民生",
    Category.AGRICULTURE: "农业",
    Category.SERVICES: "服务业",
}
TRACKS = {
    Track.HARD_INFRASTRUCTURE: "硬环境基础设施",
    Track.INDUSTRIAL_CHAIN: "产业链延伸",
    Track.SCIENCE_SUPPORT: "科技支撑",
    Track.POLICY_ORIENTED: "政策导向",
}
LEAD_SIDES = {LeadSide.GOVERNMENT: "政府主导", LeadSide.MARKET: "市场主导"}
FUNDING_SOURCES = {
    FundingSource.BUDGET: "预算内资金",
    FundingSource.SPECIAL_BOND: "专项债券",
    FundingSource.LOAN: "银行贷款",
    FundingSource.FOREIGN: "利用外资",
    FundingSource.SELF_RAISED: "企业自筹",
    FundingSource.OTHER: "其他资金",
}
MISSING = "—"


def category(code: str | None) -> str:
    """Give the name of a category; an open column is empty."""
    return CATEGORIES[Category(code)] if code else ""


def matter(code: str | None) -> str:
    """Give what is asked about a project; nothing where nothing is."""
    return f"{MATTERS[Matter(code)]}申请" if code else ""


def standing(code: str | None) -> str:
    """Give how a project stands in its pool; nothing where it is in none."""
    return STANDINGS[Standing(code)] if code else ""


class Days(Protocol):
    """The last day of a term, and whether it may still move."""

    @property
    def due(self) -> date: ...
    @property
    def provisional(self) -> bool: ...


def _plain(amount: Decimal, places: int) -> str:
    return f"{amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def wan(yuan: int | None) -> str:
    """Write yuan as 万元: thousands separated, no more decimals than needed."""
    if yuan is None:
        return MISSING
    text = _plain(Decimal(yuan) / YUAN_PER_WAN, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_wan(yuan: int | None) -> Decimal | None:
    """Give yuan as an exact number of 万元, for a file that counts on."""
    return None if yuan is None else Decimal(yuan) / YUAN_PER_WAN


def yi(yuan: int | None, places: int = 2) -> str:
    """Write yuan as 亿元: two decimals for one project, one for sums."""
    return MISSING if yuan is None else _plain(Decimal(yuan) / YUAN_PER_YI, places)


def yi_sum(yuan: int) -> str:
    """Write a sum as 亿元: one decimal from a hundred on, two below so that small sums add up."""
    return yi(yuan, 1 if yuan >= 100 * YUAN_PER_YI else 2)


def unit(one: Unit, on: date) -> str:
    """Give a unit's short name; of one that has ended with its last day."""
    return f"{one.short_name}（至 {one.valid_to}）" if one.has_ended_by(on) else one.short_name


def month(value: str | None) -> str:
    """Write ``2019-09`` as 2019年9月."""
    if not value:
        return MISSING
    year, number = value.split("-")
    return f"{year}年{int(number)}月"


def day(value: date | None, today: date) -> str:
    """Write 06-13 within the year and 2019-06-13 across years."""
    if value is None:
        return MISSING
    return f"{value:%m-%d}" if value.year == today.year else value.isoformat()


def local_day(instant: datetime) -> date:
    """Give the local day of an instant."""
    return instant.astimezone(SHANGHAI).date()


def moment(value: datetime | None, today: date) -> str:
    """Write the instant in local time: 06-13 10:20, with the year across years."""
    if value is None:
        return MISSING
    local = value.astimezone(SHANGHAI)
    return f"{day(local.date(), today)} {local:%H:%M}"


def recent(value: datetime, today: date) -> str:
    """Write the instant; today's as 今天 09:52."""
    local = value.astimezone(SHANGHAI)
    return f"今天 {local:%H:%M}" if local.date() == today else moment(value, today)


def full_moment(value: datetime) -> str:
    """Write the instant with its year: 2019-06-13 10:20."""
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def span(value: timedelta) -> str:
    """Write a stay in the largest unit that says enough."""
    minutes = int(value.total_seconds() // 60)
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 24 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // (24 * 60)} 天"


def cut(text: str, most: int = 80) -> str:
    """Write the beginning of a text that may be long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def limit(days: int | None, rest: str = "") -> str:
    """Write a term: 限 3 个工作日; without the rule there is no number to quote."""
    return f"限 {days} 个工作日{rest}" if days is not None else "限期以规则为准"


def until(term: Days | None, today: date) -> str:
    """Write the last day of a term: ，至4月25日（周四）; nothing as long as it is not known."""
    if term is None:
        return ""
    return f"，至{spoken_day(term.due, today)}{'（暂定）' if term.provisional else ''}"


def percent(part: int, whole: int) -> str:
    """Write a share as 23.9%; nothing to share is 暂无数据."""
    if not whole:
        return MISSING
    return f"{_plain(Decimal(100 * part) / whole, 1)}%"
