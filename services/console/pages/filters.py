"""The filter of the board and the list: read from the address, kept in the address."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from pydantic import BaseModel

from contracts import reference
from contracts.intake import Category, Matter, Standing
from services.console.pages import names, words
from services.console.pages.moment import Moment
from services.console.pages.reading import Choices, Filter, Sort
from shared.units import Units

KINDS = {
    "kind:county": "县区、开发区",
    "kind:department": "市直部门",
    "kind:group": "企业集团",
}
LEAST = (
    ("5000", "5000 万元以上"),
    ("10000", "1 亿元以上"),
    ("50000", "5 亿元以上"),
    ("100000", "10 亿元以上"),
)
PERMITS = {"going": "手续办理中", "ready": "具备开工条件", "unready": "未批先建线索"}
SORTS: dict[Sort, str] = {
    "updated": "最近有变动的在前",
    "stage": "最近进入本环节的在前",
    "investment": "总投资大的在前",
    "start": "开工早的在前",
    "name": "按名称",
    "due": "超期最久的在前，再按到期先后",
}
_FILTERS = (
    "region",
    "org",
    "category",
    "least",
    "name",
    "pool",
    "stage",
    "standing",
    "matter",
    "reported",
    "taken",
    "permits",
)
_MOST_WAN = 10**12
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


class Asked(BaseModel):
    """The query part of the address. Whatever cannot be read counts as not asked."""

    region: str = ""
    org: str = ""
    category: str = ""
    least: str = ""
    name: str = ""
    pool: str = ""
    stage: str = ""
    standing: str = ""
    matter: str = ""
    reported: str = ""
    taken: str = ""
    permits: str = ""
    as_of: str = ""
    sort: str = ""
    page: str = ""
    view: str = ""
    after: str = ""
    token: str = ""
    export: str = ""

    @property
    def order(self) -> Sort:
        """The order asked for, or the usual one."""
        return next((sort for sort in SORTS if sort == self.sort), "updated")

    @property
    def number(self) -> int:
        """The page asked for, from 1."""
        return max(1, int(self.page)) if self.page.isdecimal() and len(self.page) < 7 else 1

    def address(self, path: str, **changes: str | int) -> str:
        """Give an address with the same filter but for the changes."""
        kept = {name: getattr(self, name) for name in (*_FILTERS, "as_of", "sort", "view")}
        asked = {name: value for name, value in {**kept, **changes}.items() if value != ""}
        return f"{path}?{urlencode(asked)}" if asked else path

    def everything(self, path: str) -> str:
        """Give the address without any filter; the moment is none."""
        return Asked(as_of=self.as_of).address(path)

    def of(self, when: Moment) -> "Asked":
        """Give the same with the day of the moment; today stands in no address."""
        return self.model_copy(update={"as_of": when.asked})


@dataclass(frozen=True)
class Option:
    """One line of a drop-down."""

    value: str
    text: str


@dataclass(frozen=True)
class Chip:
    """An active filter in words, with the address that takes it away."""

    text: str
    without: str


@dataclass(frozen=True)
class Options:
    """The drop-downs of the query line."""

    regions: tuple[Option, ...]
    orgs: tuple[Option, ...]
    categories: tuple[Option, ...]
    least: tuple[Option, ...]


def read_filter(asked: Asked, units: Units, on: date) -> Filter:
    """Read what is asked for."""
    least = _wan(asked.least)
    return Filter(
        region=asked.region,
        org=asked.org,
        orgs=_orgs(asked.org, units, on),
        category=asked.category if asked.category in set(Category) else "",
        least=least * words.YUAN_PER_WAN if least else 0,
        name=asked.name.strip()[:100],
        owners=units.called(asked.name.strip(), on),
        pool=asked.pool if asked.pool in words.POOL_BY_CODE else "",
        stage=asked.stage if asked.stage in words.STAGE_BY_CODE else "",
        standing=asked.standing if asked.standing in words.STANDINGS else "",
        matter=asked.matter if asked.matter in words.MATTERS else "",
        reported=asked.reported if MONTH.fullmatch(asked.reported) else "",
        permits=asked.permits if asked.permits in PERMITS else "",
    )


def options(choices: Choices, asked: Asked, units: Units, on: date) -> Options:
    """Offer what occurs in the rows that the reader sees, in the order of the plan."""
    orgs = [unit for unit in units.so_far(on) if unit.id in choices.orgs]
    kinds = {unit.kind for unit in orgs}
    several = (
        Option(value, text)
        for value, text in KINDS.items()
        if len(choices.orgs) > 1 and value.removeprefix("kind:") in kinds
    )
    least = [Option(value, text) for value, text in LEAST]
    if _wan(asked.least) and asked.least not in {value for value, _ in LEAST}:
        least.append(Option(asked.least, f"{asked.least} 万元以上"))
    return Options(
        regions=(
            *(
                Option(row.code, row.name)
                for row in reference.regions(on)
                if row.code in choices.regions
            ),
            *(
                Option(row.id, row.short_name)
                for row in reference.zones(on)
                if row.id in choices.zones
            ),
        ),
        orgs=(
            *several,
            *(Option(unit.id, words.unit(unit, on)) for unit in orgs),
        ),
        categories=tuple(
            Option(code, text)
            for code, text in words.CATEGORIES.items()
            if code in choices.categories
        ),
        least=tuple(least),
    )


def chips(asked: Asked, path: str, units: Units, on: date) -> tuple[Chip, ...]:
    """Say the active filters in words."""
    ask = read_filter(asked, units, on)
    said = {
        "name": f"“{ask.name}”" if ask.name else "",
        "pool": words.POOL_BY_CODE[ask.pool].name if ask.pool else "",
        "stage": words.STAGE_BY_CODE[ask.stage].name if ask.stage else "",
        "taken": {"mine": "我领取的", "free": "没有人领取的"}.get(asked.taken, ""),
        "standing": words.STANDINGS[Standing(ask.standing)] if ask.standing else "",
        "matter": f"在办{words.MATTERS[Matter(ask.matter)]}" if ask.matter else "",
        "permits": PERMITS.get(ask.permits, ""),
        "reported": f"{words.month(ask.reported)}报送" if ask.reported else "",
        "region": names.region(ask.region, on) or names.zone(ask.region, on),
        "org": KINDS.get(ask.org, "")
        or (names.organisation(ask.org, units, on) if ask.org else ""),
        "category": words.CATEGORIES[Category(ask.category)] if ask.category else "",
        "least": f"{words.wan(ask.least)} 万元以上" if ask.least else "",
    }
    if ask.region.startswith("Z-"):
        said["region"] = names.zone(ask.region, on)
    return tuple(
        Chip(text, asked.address(path, **{name: ""})) for name, text in said.items() if text
    )


def _orgs(org: str, units: Units, on: date) -> tuple[str, ...]:
    kind = org.removeprefix("kind:")
    if kind == org:
        return (org,) if org else ()
    wanted = {"county", "zone"} if kind == "county" else {kind}
    return tuple(unit.id for unit in units.so_far(on) if unit.planning_body and unit.kind in wanted)


def _wan(text: str) -> int:
    try:
        amount = Decimal(text.replace(",", "").strip() or 0)
    except InvalidOperation:
        return 0
    return int(amount) if amount.is_finite() and 0 < amount < _MOST_WAN else 0
