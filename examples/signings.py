"""Invented signings and events to win investors, at every stage from a lead to a contract."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from examples.dice import Dice
from examples.projects import ON, SEED, projects

OWNERS = ("JC-ZZ", "JC-GP", "JC-YC", "Z-JC", "JC-QS", "JC-LC", "JC-CQ")
_INVESTORS = (
    ("深圳市示例光启精密有限公司", "广东省深圳市"),
    ("苏州示例恒睿装备股份有限公司", "江苏省苏州市"),
    ("北京示例中科云谷科技有限公司", "北京市"),
    ("郑州示例汇通物流集团", "河南省郑州市"),
    ("杭州示例蓝海数据有限公司", "浙江省杭州市"),
    ("天津示例华岳新能源有限公司", "天津市"),
    ("上海示例康济医药有限公司", "上海市"),
)
_TITLES = (
    "精密光电模组", "高端装备配套", "大数据应用", "多式联运物流", "储能材料", "生物制药",
    "现代农业加工", "智能家居制造", "绿色建材", "文旅康养", "工业互联网", "特种铸造",
)  # fmt: skip
_PER_OWNER = 3
_FIRST_DAY = date(2019, 1, 14)


@dataclass(frozen=True)
class Signing:
    """One signing: who answers for it, what it is about, how far it has come.

    ``contract`` is the amount in 万元 and the day, ``project`` the place in the list of invented
    projects of the one that carries it out.
    """

    owner: str
    form: dict[str, Any]
    negotiated_on: date | None = None
    framework_on: date | None = None
    contract: tuple[int, date] | None = None
    project: int | None = None


@dataclass(frozen=True)
class Promotion:
    """An event to win investors, as its unit enters it."""

    owner: str
    form: dict[str, Any]


def signings() -> tuple[Signing, ...]:
    """Give the signings, unit by unit."""
    return tuple(
        _signing(owner, number * _PER_OWNER + one)
        for number, owner in enumerate(OWNERS)
        for one in range(_PER_OWNER)
    )


def promotions() -> tuple[Promotion, ...]:
    """Give the events: two of every county, four of the city."""
    found = []
    for number, owner in enumerate((*OWNERS, *OWNERS, *("D-INV",) * 4)):
        _, place = _INVESTORS[number % len(_INVESTORS)]
        held = _FIRST_DAY + timedelta(days=4 * number)
        form = {
            "title": f"{_TITLES[number % len(_TITLES)]}产业招商推介会（示例）",
            "place": place,
            "outside_city": number % 9 != 8,
            "held_on": held.isoformat(),
        }
        if not form["outside_city"]:
            form["place"] = "晋城市区会议中心"
        found.append(Promotion(owner, form))
    return tuple(found)


def _signing(owner: str, number: int) -> Signing:
    dice = Dice(SEED, "signing", number)
    investor, place = _INVESTORS[number * 3 % len(_INVESTORS)]
    amount = dice.between(12, 160) * 1_000
    form = {
        "title": f"{_TITLES[number * 5 % len(_TITLES)]}项目（示例）",
        "investor": investor,
        "investor_place": place,
        "region": None if owner == "Z-JC" else _REGIONS[owner],
        "zone_id": owner if owner == "Z-JC" else None,
        "industry": dice.choice(("39", "35", "65", "58", "27", "30")),
        "intended_investment": amount,
        "not_secret": True,
    }
    began = _FIRST_DAY + timedelta(days=dice.between(0, 40))
    match number % 7:
        case 0:
            return Signing(owner, form)
        case 1:
            return Signing(owner, form, began)
        case 2:
            return Signing(owner, form, began, began + timedelta(days=20))
        case remainder:
            signed = min(began + timedelta(days=dice.between(25, 45)), ON - timedelta(days=3))
            carried = _project_of(owner, number) if remainder % 2 else None
            return Signing(owner, form, began, None, (amount, signed), carried)


def _project_of(owner: str, number: int) -> int | None:
    """Choose a planned project of the unit that the signing becomes."""
    own = [place for place, one in enumerate(projects()) if one.owner == owner]
    return own[number % len(own)] if own else None


_REGIONS = {
    "JC-CQ": "140502",
    "JC-QS": "140521",
    "JC-YC": "140522",
    "JC-LC": "140524",
    "JC-ZZ": "140525",
    "JC-GP": "140581",
}
