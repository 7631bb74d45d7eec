"""拆分: what is typed of each part; all else a part has from the project that it comes out of."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue
from starlette.datastructures import FormData

from contracts.intake import ProjectFacts
from services.console.pages import words

PARTS = 4
"""How many parts a page offers; more come in over the interface for other systems."""


@dataclass(frozen=True)
class Part:
    """One part as it was typed: its name, what is built, its investment in 万元."""

    name: str = ""
    content: str = ""
    money: str = ""


_COLUMNS = ("name", "content", "money")


def read_parts(form: FormData) -> tuple[Part, ...]:
    """Read the parts that have a name or an amount."""
    found = (
        Part(*(str(form.get(f"part.{number}.{column}") or "").strip() for column in _COLUMNS))
        for number in range(PARTS)
    )
    return tuple(part for part in found if part.name or part.money)


def part_columns(facts: ProjectFacts, part: Part) -> dict[str, JsonValue]:
    """Give the form of a part: its own columns, the rest and its shares of the sources."""
    columns = facts.model_dump(
        mode="json", exclude={"contact_id", "project_code", "total_investment", "funding"}
    )
    money = _yuan(part.money)
    return {
        **columns,
        "name": part.name,
        "content": part.content or facts.content,
        "total_investment": part.money or None,
        "funding": _shares(facts, money),
    }


def _yuan(text: str) -> int:
    try:
        return int(Decimal(text.replace(",", "") or 0) * words.YUAN_PER_WAN)
    except InvalidOperation:
        return 0


def _shares(facts: ProjectFacts, money: int) -> list[JsonValue]:
    """Share an investment among the sources as the whole project does; the last takes the rest."""
    whole = sum(row.amount for row in facts.funding)
    shares: list[JsonValue] = []
    left = money
    for number, row in enumerate(facts.funding, start=1):
        last = number == len(facts.funding)
        # 万元 with two decimals: a hundred yuan is the least that a form can say.
        share = left if last else row.amount * money // max(whole, 1) // 100 * 100
        left -= share
        amount = str(Decimal(share) / words.YUAN_PER_WAN)
        shares.append({"source": row.source.value, "amount": amount})
    return shares
