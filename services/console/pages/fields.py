"""The columns of 附件1 in the order of the form: key, label, and how each reads as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.intake import ProjectFacts
from services.console.pages import names, words


@dataclass(frozen=True)
class Field:
    """One column: ``key`` is what intake calls it, ``money`` marks a figure in 万元."""

    key: str
    label: str
    money: bool = False


FIELDS = (
    Field("name", "项目名称"),
    Field("project_code", "项目代码"),
    Field("content", "建设内容"),
    Field("location", "建设地点"),
    Field("builder", "建设单位"),
    Field("total_investment", "总投资", money=True),
    Field("funding", "资金来源", money=True),
    Field("planned_start", "开工时间"),
    Field("contact", "项目负责人"),
    Field("category", "产业类别"),
    Field("track", "谋划方向"),
    Field("lead_side", "主导方"),
    Field("industry", "行业"),
    Field("preparation", "前期进展"),
    Field("build_years", "建设年限"),
    Field("annual_plan", "年度计划"),
    Field("needs", "需协调问题"),
    Field("remarks", "备注"),
)
LABELS = {field.key: field.label for field in FIELDS}
# Columns that belong together on a page but have names of their own in the form.
PARTS = {"contact_id": "contact", "build_from": "build_years", "build_until": "build_years"}


def label_of(key: str) -> str:
    """Give the label of a column by its key or by the path of a part of it."""
    top = key.split(".", maxsplit=1)[0]
    return LABELS.get(PARTS.get(top, top), key)


def text_of(key: str, facts: ProjectFacts, on: date) -> str:
    """Write one column as text; an open column is empty. Money is in 万元 without its unit."""
    return _READ[key](facts, on)


def location(facts: ProjectFacts, on: date) -> str:
    """Write the place: region, address, and the development zone if there is one."""
    place = f"{names.region(facts.location.region, on)} {facts.location.address or ''}".strip()
    zone = names.zone(facts.location.zone_id, on)
    return f"{place}（{zone}）" if zone else place


def build_years(facts: ProjectFacts) -> str:
    """Write the years of building, open ends included."""
    if not facts.build_from and not facts.build_until:
        return ""
    return f"{words.month(facts.build_from)} 至 {words.month(facts.build_until)}"


def funding_sum(facts: ProjectFacts) -> int:
    """Add up the sources of money, in yuan."""
    return sum(row.amount for row in facts.funding)


def _builder(facts: ProjectFacts) -> str:
    uscc = f"（{facts.builder.uscc}）" if facts.builder.uscc else ""
    return f"{facts.builder.name or ''}{uscc}"


def _funding(facts: ProjectFacts) -> str:
    return "，".join(
        f"{words.FUNDING_SOURCES[row.source]} {words.wan(row.amount)}" for row in facts.funding
    )


_READ: Mapping[str, Callable[[ProjectFacts, date], str]] = {
    "name": lambda facts, _: facts.name,
    "project_code": lambda facts, _: facts.project_code or "",
    "content": lambda facts, _: facts.content or "",
    "location": location,
    "builder": lambda facts, _: _builder(facts),
    "total_investment": lambda facts, _: (
        "" if facts.total_investment is None else words.wan(facts.total_investment)
    ),
    "funding": lambda facts, _: _funding(facts),
    "planned_start": lambda facts, _: (
        words.month(facts.planned_start) if facts.planned_start else ""
    ),
    "contact": lambda facts, _: "已登记" if facts.contact_id else "",
    "category": lambda facts, _: words.CATEGORIES[facts.category] if facts.category else "",
    "track": lambda facts, _: words.TRACKS[facts.track] if facts.track else "",
    "lead_side": lambda facts, _: words.LEAD_SIDES[facts.lead_side] if facts.lead_side else "",
    "industry": lambda facts, _: names.industry(facts.industry),
    "preparation": lambda facts, _: facts.preparation or "",
    "build_years": lambda facts, _: build_years(facts),
    "annual_plan": lambda facts, _: facts.annual_plan or "",
    "needs": lambda facts, _: facts.needs or "",
    "remarks": lambda facts, _: facts.remarks or "",
}
