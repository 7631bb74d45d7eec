"""What the city had in its pools before this system began: 期初存量, as a load of its own."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from contracts.reference import regions
from contracts.reference.organisations import Organisation, planning_bodies
from examples.dice import Dice
from examples.names import BRANDS, SURNAMES, TOWNS, credit_code, telephone, trade_of
from examples.projects import ON, SEED

AS_OF = date(2019, 3, 31)
"""The day up to which the stock's figures were added up."""
SOURCE = "晋市重点办〔2019〕3号（示例）"

_SERIAL = 2000
_MANY, _FEW = 6, 1
_MILESTONES = ("procedures", "mobilisation", "foundation", "structure", "topping_out")


@cache
def stock() -> tuple[dict[str, Any], ...]:
    """Give the rows of the load as its door takes them, money in 万元."""
    found: list[dict[str, Any]] = []
    for unit in planning_bodies(ON):
        for _ in range(_MANY if unit.kind in {"county", "zone"} else _FEW):
            found.append(_row(unit, len(found)))
    return tuple(found)


def _row(unit: Organisation, number: int) -> dict[str, Any]:
    dice = Dice(SEED, "stock", number)
    themes = _themes()
    name, industry, category, track, lead_side, least, most, content = themes[number % len(themes)]
    counties = {row.code: row.name for row in regions(ON) if row.level == "county"}
    region = unit.region if unit.region in counties else dice.choice(tuple(counties))
    town = dice.choice(TOWNS[region])
    brand = BRANDS[number * 11 % len(BRANDS)]
    # Whole 百万元, off the round sums that planned projects have.
    amount = int((least + (most - least) * dice.part() ** 2) * 100) * 100 + 30
    public = lead_side == "GOVERNMENT"
    serial = _SERIAL + number
    return {
        "owner": unit.id,
        "name": f"{counties[region].removesuffix('县').removesuffix('市')}{brand}{name}",
        "project_code": f"2018-{region}-{industry[:2]}-{'01' if public else '03'}-{serial:06d}",
        "content": f"{content}（示例）",
        "location": {"region": region, "address": f"{town}示例地块 {number + 1} 号"},
        "builder": {
            "name": f"{counties[region]}示例{brand}"
            + ("工程建设中心" if public else f"{trade_of(industry)}股份有限公司"),
            "uscc": credit_code("12" if public else "91", region, serial),
        },
        "total_investment": amount,
        "funding": [
            {"source": "BUDGET" if public else "SELF_RAISED", "amount": amount * 4 // 10},
            {"source": "LOAN", "amount": amount - amount * 4 // 10},
        ],
        "contact": {"name": f"{dice.choice(SURNAMES)}示例", "phone": telephone(serial)},
        "category": category,
        "track": track,
        "lead_side": lead_side,
        "industry": industry,
        "remarks": "演示数据，非真实项目。",
        "evidence": [{"sort": "source_document", "document_number": SOURCE}],
        **_standing(number, amount, dice),
    }


def _standing(number: int, amount: int, dice: Dice) -> dict[str, Any]:
    """Say in which pool it stood, since when, and what had been built of it."""
    entered = date(2017, dice.between(1, 12), dice.between(1, 28))
    since = date(2018, dice.between(1, 12), dice.between(1, 28))
    days = {"entered_on": entered.isoformat(), "pool_since": since.isoformat()}
    match number % 8:
        case 0 | 3 | 6:
            return {"pool": "PREP", **days}
        case 5:
            finished = date(2018, dice.between(7, 12), dice.between(1, 28))
            return {
                "pool": "PROD",
                **days,
                "pool_since": max(since, finished).isoformat(),
                "started_on": date(2017, 6, dice.between(1, 28)).isoformat(),
                "finished_on": finished.isoformat(),
                "invested_in_all": amount,
                "invested_this_year": 0,
            }
        case _:
            done = amount * dice.between(12, 68) // 100
            reached = _MILESTONES[: 2 + number % 3]
            return {
                "pool": "BUILD",
                **days,
                "started_on": since.isoformat(),
                "invested_in_all": done,
                "invested_this_year": done * dice.between(4, 12) // 100,
                "milestones": [{"milestone": one, "percent": 100} for one in reached],
            }


@cache
def _themes() -> list[tuple[str, str, str, str, str, float, float, str]]:
    path = Path(__file__).parent / "stock.toml"
    rows: list[tuple[str, str, str, str, str, float, float, str]] = [
        tuple(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["rows"]
    ]
    return rows


def total() -> Decimal:
    """Give the stock's investment in 亿元."""
    return Decimal(sum(row["total_investment"] for row in stock())) / 10_000
