"""The invented projects: 396 of them, 1,397 亿元, in the proportions of April 2019."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from contracts.intake import Builder, Funding, FundingSource, LeadSide, Location, ProjectFacts
from contracts.reference import regions, zones
from contracts.reference.organisations import Organisation, planning_bodies
from examples.dice import Dice
from examples.names import BRANDS, SURNAMES, TOWNS, credit_code, telephone, trade_of
from examples.plans import Body, Theme, bodies

SEED = 2019
ON = date(2019, 4, 22)
"""The day on which the projects are reported: the first of a demonstration."""

TEN_THOUSAND = 10_000
"""1万元, the form's unit, in yuan."""
HUNDRED_MILLION = 10_000
"""1亿元 in 万元."""

_HINT_EVERY = 36
_PREPARATIONS = (
    "已完成项目建议书，正在比选厂址。",
    "可行性研究报告正在编制。",
    "已取得用地预审意见，环评报告编制中。",
    "已与意向投资方洽谈，尚未签约。",
    "正在开展前期调研。",
    None,
)
_NEEDS = (
    "协调落实用地指标。",
    "协调外部供电和供水接入。",
    "争取上级专项资金支持。",
    "协调征地拆迁。",
    None,
    None,
    None,
)


@dataclass(frozen=True)
class Contact:
    """The responsible officer, whom no fact names."""

    name: str
    phone: str


@dataclass(frozen=True)
class Example:
    """A project as its body would send it in."""

    owner: str
    facts: ProjectFacts
    contact: Contact


@dataclass(frozen=True)
class _Site:
    """Where a project lies."""

    region: str
    region_name: str
    town: str
    zone_id: str | None
    zone_name: str


@cache
def projects() -> tuple[Example, ...]:
    """Give all projects, body by body in the order of the plan."""
    plans = {body.id: body for body in bodies()}
    used: dict[str, int] = {}
    found: list[Example] = []
    for unit in planning_bodies(ON):
        body = plans[unit.id]
        sizes = _amounts(body)
        themes = _themes(body, [size for size, _ in sizes], used)
        for (_, amount), theme in zip(sizes, themes, strict=True):
            found.append(_example(unit, theme, amount, len(found) + 1))
    return tuple(found)


def _amounts(body: Body) -> list[tuple[str, int]]:
    """Share a body's sum out: the large and the small at random, the middle takes the rest."""
    dice = Dice(SEED, body.id, "amounts")
    large, middle, small = body.sizes
    unit = HUNDRED_MILLION
    # The first of the large ones is 10亿元 to the yuan: "以上" counts it in.
    bigs = [10 * unit + (int(dice.part() ** 2 * 80) * unit // 10 if i else 0) for i in range(large)]
    smalls = [dice.between(80, 950) * 10 for _ in range(small)]
    rest = int(body.sum * unit) - sum(bigs) - sum(smalls)
    weights = [0.25 + 0.75 * dice.part() ** 1.5 for _ in range(middle)]
    above = rest - middle * unit
    mids = [unit + int(above * weight / sum(weights)) // 50 * 50 for weight in weights]
    mids[-1] += rest - sum(mids)
    mixed = [("b", x) for x in bigs] + [("m", x) for x in mids] + [("s", x) for x in smalls]
    return sorted(mixed, key=lambda _: dice.part())


def _themes(body: Body, sizes: Sequence[str], used: dict[str, int]) -> list[Theme]:
    """Choose a theme for every size: none twice in a body, the least used first."""
    dice = Dice(SEED, body.id, "themes")
    free = list(body.themes())
    chosen: dict[int, Theme] = {}
    for place in sorted(range(len(sizes)), key=lambda place: "bms".index(sizes[place])):
        fitting = [theme for theme in free if sizes[place] in theme.sizes]
        theme = min(fitting, key=lambda one: (len(one.sizes), used.get(one.name, 0) + dice.part()))
        free.remove(theme)
        used[theme.name] = used.get(theme.name, 0) + 1
        chosen[place] = theme
    return [chosen[place] for place in range(len(sizes))]


def _example(unit: Organisation, theme: Theme, amount: int, number: int) -> Example:
    dice = Dice(SEED, "project", number)
    site = _site(unit, theme, dice)
    brand = BRANDS[number * 7 % len(BRANDS)]
    in_county = unit.kind in {"county", "zone"}
    public = theme.lead_side is LeadSide.GOVERNMENT
    begin = 1 + int(dice.part() ** 1.6 * 35)
    needed = 8 + min(28, amount // 4_000) + dice.between(0, 6)
    hint = number // _HINT_EVERY % 3 if number % _HINT_EVERY == 0 else None
    reason = None
    if hint == 2:
        begin, reason = 40, "须待上位规划批复，开工晚于三年。"
    funding = _funding(theme, amount, dice)
    if hint == 1:
        last = list(funding)[-1]
        funding[last] -= funding[last] // 10
    content = _content(theme.content, amount)
    facts = ProjectFacts(
        name=f"{_short(site.town)}{brand}{theme.name}"
        if in_county
        else f"{theme.name}（示例·{brand}）",
        project_code=(
            f"2019-{site.region}-{theme.industry[:2]}-{'01' if public else '03'}-{900000 + number}"
            if dice.part() < 0.15
            else None
        ),
        content="新建生产及配套设施，规模待可行性研究报告确定。" if hint == 0 else content,
        location=Location(
            region=site.region,
            address=site.region_name
            + (
                f"{site.zone_name}示例路 {dice.between(1, 99)} 号地块"
                if site.zone_id
                else f"{site.town}{brand}村（示例）"
            ),
            zone_id=site.zone_id,
        ),
        builder=Builder(
            name=f"{site.region_name}示例{brand}项目建设中心"
            if public
            else f"{site.region_name}示例{brand}{trade_of(theme.industry)}有限公司",
            uscc=credit_code("12" if public else "91", site.region, number)
            if dice.part() < 0.7
            else None,
        ),
        total_investment=amount * TEN_THOUSAND,
        funding=tuple(
            Funding(source=source, amount=part * TEN_THOUSAND) for source, part in funding.items()
        ),
        planned_start=_month(begin),
        category=theme.category,
        track=theme.track,
        lead_side=theme.lead_side,
        industry=theme.industry,
        preparation=dice.choice(_PREPARATIONS),
        build_from=_month(begin),
        build_until=_month(begin + needed),
        annual_plan="完成前期手续并开工。" if begin <= 8 else "推进前期工作。",
        needs=dice.choice(_NEEDS),
        remarks=f"演示数据，非真实项目。{reason or ''}",
    )
    officer = Contact(name=f"{dice.choice(SURNAMES)}示例", phone=telephone(1000 + number))
    return Example(unit.id, facts, officer)


def _site(unit: Organisation, theme: Theme, dice: Dice) -> _Site:
    names = {row.code: row.name for row in regions(ON) if row.level == "county"}
    grounds = {row.id: row for row in zones(ON)}
    own = grounds.get(unit.zone_id)
    if own is not None:
        region = dice.choice(own.regions)
    else:
        region = unit.region if unit.region in names else dice.choice(tuple(names))
    zone = own
    if zone is None and "13" <= theme.industry[:2] <= "43" and dice.part() < 0.5:
        # The zone of the city reports its own projects.
        zone = next((row for row in grounds.values() if row.regions == (region,)), None)
    return _Site(
        region=region,
        region_name=names[region] if region != "140502" else "晋城市城区",
        town=dice.choice(TOWNS[region]),
        zone_id=zone.id if zone else None,
        zone_name=zone.short_name if zone else "",
    )


def _funding(theme: Theme, amount: int, dice: Dice) -> dict[FundingSource, int]:
    """Share an amount out over its sources, all in 万元."""
    if theme.lead_side is LeadSide.GOVERNMENT:
        shares = {FundingSource.BUDGET: dice.between(20, 40)}
        if amount >= HUNDRED_MILLION:
            shares[FundingSource.SPECIAL_BOND] = dice.between(20, 40)
        last = dice.choice((FundingSource.LOAN, FundingSource.OTHER))
    else:
        shares = {FundingSource.LOAN: dice.between(3, 6) * 10}
        if dice.part() < 0.06:
            shares[FundingSource.FOREIGN] = dice.between(10, 20)
        last = FundingSource.SELF_RAISED
    parts = {source: amount * share // 1000 * 10 for source, share in shares.items()}
    parts[last] = amount - sum(parts.values())
    return parts


def _content(text: str, amount: int) -> str:
    size = amount / HUNDRED_MILLION
    return text.format(
        area=_figure(size * 1.8),
        area2=_figure(size * 25),
        km=_figure(size * 1.2),
        km2=_figure(size * 9),
        mu=_figure(max(5, size * 55)),
        mu2=_figure(size * 4000),
        mw=_figure(max(2, size * 14)),
        tons=_figure(size * 6),
        thousand=_figure(max(1, size * 6)),
        lines=max(1, round(size * 0.6) + 1),
        sets=max(6, round(size * 22)),
        beds=max(20, round(size * 11) * 10),
        homes=max(30, round(size * 21) * 10),
    )


def _figure(value: float) -> str:
    return f"{round(value)}" if value >= 20 else f"{max(0.1, value):.1f}".removesuffix(".0")


def _short(town: str) -> str:
    for ending in ("街道", "镇", "乡"):
        if town.endswith(ending):
            return town.removesuffix(ending)
    return town


def _month(later: int) -> str:
    """Give a month so many months after that of the report."""
    years, month = divmod(ON.month - 1 + later, 12)
    return f"{ON.year + years:04d}-{month + 1:02d}"
