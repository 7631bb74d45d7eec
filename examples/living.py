"""What goes on in the city beside planning: stock of earlier years, signings, events, moves.

Each step goes in under the example account of whom it belongs to, with keys of its own, so that
whoever is run again goes on and doubles nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.intake import Category, FundingSource, LeadSide, ProjectFacts
from examples.doors import Doors
from examples.projects import HUNDRED_MILLION, ON, TEN_THOUSAND, projects
from examples.signings import Signing, promotions, signings
from examples.stock import AS_OF, stock

_STOCK_AT_ONCE = 25
_MOVED_EVERY = 7
_BUILT_EVERY = 3
_PREPARED = ("code_certificate", "acceptance_notice", "preparation_plan")
_BUILT = (
    "project_approval",
    "land_permit",
    "planning_permit",
    "environment_approval",
    "construction_permit",
)
PAPERS: Mapping[str, Sequence[str]] = {"T12": _PREPARED, "T23": _BUILT}
"""The papers that an application names, by number, for each transition."""


def loads() -> list[Sequence[dict[str, Any]]]:
    """Give the rows of the stock in the portions in which they are loaded."""
    rows = stock()
    return [rows[first : first + _STOCK_AT_ONCE] for first in range(0, len(rows), _STOCK_AT_ONCE)]


async def load_stock(city: Doors, rows: Sequence[dict[str, Any]], portion: int) -> dict[str, Any]:
    """Load a portion of the stock; give what the door says of it."""
    body = {"mode": "valid", "not_secret": True, "as_of": AS_OF.isoformat(), "rows": rows}
    said: dict[str, Any] = await city.ask(
        "POST", "/opening", key=f"demo-stock-{portion}", json=body
    )
    return said


async def sign(unit: Doors, number: int, one: Signing, project_id: str | None) -> None:
    """Bring one signing as far as it has come."""
    key = f"demo-signing-{number}"
    said = await unit.ask("POST", "/signings", key=key, json=one.form)
    address = f"/signings/{said['signing_id']}"
    if one.negotiated_on:
        body = {"begun_on": one.negotiated_on.isoformat()}
        await unit.ask("POST", f"{address}/negotiation", key=f"{key}-negotiation", json=body)
    amount = one.form["intended_investment"]
    if one.framework_on:
        body = {"signed_on": one.framework_on.isoformat(), "intended_investment": amount}
        await unit.ask("POST", f"{address}/framework", key=f"{key}-framework", json=body)
    if one.contract:
        amount, signed = one.contract
        contract = {
            "signed_on": signed.isoformat(),
            "contract_number": f"示例合同〔2019〕{number + 1}号",
            "contract_investment": amount,
        }
        await unit.ask("POST", f"{address}/contract", key=f"{key}-contract", json=contract)
        if project_id:
            link = {"project_id": project_id}
            await unit.ask("POST", f"{address}/link", key=f"{key}-link", json=link)


def all_signings() -> Sequence[Signing]:
    """Give every signing of the example city."""
    return signings()


async def hold_events(units: Mapping[str, Doors]) -> None:
    """Enter the events to win investors."""
    for number, one in enumerate(promotions()):
        await units[one.owner].ask(
            "POST", "/promotions", key=f"demo-promotion-{number}", json=one.form
        )


def tags_of(facts: ProjectFacts) -> Sequence[str]:
    """Say under which programmes of the plan a project stands, as its form shows."""
    sources = {part.source for part in facts.funding}
    large = (facts.total_investment or 0) >= HUNDRED_MILLION * TEN_THOUSAND
    market = facts.lead_side is LeadSide.MARKET
    meant = {
        "SPECIAL_BOND": FundingSource.SPECIAL_BOND in sources,
        "FOREIGN": FundingSource.FOREIGN in sources,
        "PRIVATE": market and large and facts.category is Category.TRADITIONAL,
        "CLUSTER": market and large and facts.location.zone_id is not None,
    }
    return [tag for tag, holds in meant.items() if holds]


async def tag(city: Doors, project_id: str, code: str) -> None:
    """Mark a project with a programme of the plan."""
    body = {"tag": code, "from_on": ON.isoformat()}
    key = f"demo-tag-{code}-{project_id}"
    await city.ask("POST", f"/projects/{project_id}/tags", key=key, json=body)


def movable(pooled: Sequence[int]) -> dict[str, Sequence[int]]:
    """Say which planned projects are moved on: into preparation, and of these some to building."""
    ready = [place for place in pooled if projects()[place].facts.builder.uscc]
    prepared = ready[::_MOVED_EVERY]
    return {"T12": prepared, "T23": prepared[::_BUILT_EVERY]}


async def apply(unit: Doors, project_id: str, transition: str) -> int:
    """Apply for a move; give the edition that a verdict has to name."""
    papers = [
        {"sort": sort, "document_number": f"示例〔2019〕{place + 1}号"}
        for place, sort in enumerate(PAPERS[transition])
    ]
    body = {"transition": transition, "reason": "条件已具备（示例）。", "evidence": papers}
    key = f"demo-{transition}-{project_id}"
    said = await unit.ask("POST", f"/projects/{project_id}/moves", key=key, json=body)
    return int(said["revision"])
