"""附件1 as a web form: what was typed, what intake is sent, what intake gave back."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from contracts.intake import FundingSource
from services.console.adapters.intake import Body, FieldProblem

TEXTS = (
    "name",
    "project_code",
    "content",
    "planned_start",
    "category",
    "track",
    "lead_side",
    "preparation",
    "build_from",
    "build_until",
    "annual_plan",
    "needs",
    "remarks",
)
NESTED = {
    "location": ("region", "address", "zone_id"),
    "builder": ("name", "uscc"),
    "contact": ("name", "phone"),
}
KEYS = (
    *TEXTS,
    *(f"{top}.{part}" for top, parts in NESTED.items() for part in parts),
    "total_investment",
    "industry",
    "industry_code",
    *(f"funding.{source}" for source in FundingSource),
)
_LONGEST = 20_000


@dataclass(frozen=True)
class Paper:
    """The form as typed. Nothing of it is ever lost between two tries."""

    values: Mapping[str, str] = field(default_factory=dict)
    not_secret: bool = False
    accepted: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> str:
        """Give what was typed in a column."""
        return self.values.get(key, "")


def read_paper(form: Iterable[tuple[str, object]]) -> Paper:
    """Read a sent form; columns we do not know are left out."""
    values: dict[str, str] = {}
    accepted: set[str] = set()
    not_secret = False
    for key, value in form:
        if not isinstance(value, str):
            continue
        if key == "accept":
            accepted.add(value)
        elif key == "not_secret":
            not_secret = True
        elif key in KEYS:
            values[key] = value.replace("\r\n", "\n").strip()[:_LONGEST]
    return Paper(values, not_secret, frozenset(accepted))


def body_of(paper: Paper) -> dict[str, JsonValue]:
    """Write the form the way intake's door reads it; empty columns stay away."""
    body: dict[str, JsonValue] = {key: paper[key] for key in TEXTS if paper[key]}
    body["not_secret"] = paper.not_secret
    for top, parts in NESTED.items():
        given: dict[str, JsonValue] = {
            part: paper[f"{top}.{part}"] for part in parts if paper[f"{top}.{part}"]
        }
        if given:
            body[top] = given
    if paper["total_investment"]:
        body["total_investment"] = amount(paper["total_investment"])
    if code := paper["industry_code"] or paper["industry"]:
        body["industry"] = code
    funding: list[JsonValue] = [
        {"source": source.value, "amount": amount(paper[f"funding.{source}"])}
        for source in FundingSource
        if paper[f"funding.{source}"]
    ]
    if funding:
        body["funding"] = funding
    return body


def report_body(paper: Paper) -> dict[str, JsonValue]:
    """Write what reporting needs beside the columns."""
    accepted: list[JsonValue] = [*sorted(paper.accepted)]
    return {"not_secret": paper.not_secret, "accepted_hints": accepted}


def paper_of(document: Mapping[str, JsonValue], contact: Mapping[str, JsonValue]) -> Paper:
    """Fill the form from what intake holds."""
    values = {key: _text(document.get(key)) for key in TEXTS}
    for top, parts in NESTED.items():
        given = contact if top == "contact" else document.get(top)
        if isinstance(given, Mapping):
            values |= {f"{top}.{part}": _text(given.get(part)) for part in parts}
    values["total_investment"] = _money(document.get("total_investment"))
    code = _text(document.get("industry"))
    values["industry" if len(code) == len("30") else "industry_code"] = code
    if len(code) > len("30"):
        values["industry"] = code[:2]
    funding = document.get("funding")
    for row in funding if isinstance(funding, list) else []:
        if isinstance(row, Mapping):
            values[f"funding.{_text(row.get('source'))}"] = _money(row.get("amount"))
    return Paper(values)


def amount(typed: str) -> str:
    """Take separators and full-width digits out of an amount; leave the judging to intake."""
    return unicodedata.normalize("NFKC", typed).replace(",", "").replace(" ", "")


def funding_sum(paper: Paper) -> Decimal:
    """Add up the amounts that can be read, in 万元."""
    total = Decimal(0)
    for source in FundingSource:
        try:
            number = Decimal(amount(paper[f"funding.{source}"]) or 0)
        except InvalidOperation:
            continue
        if number.is_finite():
            total += number
    return total


def place_of(problem: FieldProblem) -> str:
    """Give the column of our form that a problem belongs to."""
    key = problem.field.removeprefix("body.")
    if key in KEYS or key in {"not_secret", "funding"}:
        return key
    top = key.split(".", maxsplit=1)[0]
    if top == "funding":
        return "funding"
    if top in NESTED:
        return f"{top}.{NESTED[top][0]}" if top != "location" else "location.region"
    return top if top in KEYS else ""


def by_place(problems: Iterable[FieldProblem]) -> dict[str, list[FieldProblem]]:
    """Sort problems by the column that they belong to, in the order of the form."""
    found: dict[str, list[FieldProblem]] = {}
    for problem in problems:
        found.setdefault(place_of(problem), []).append(problem)
    return found


def as_body(paper: Paper) -> Body:
    """Write everything that one step needs: the columns and what reporting asks for."""
    return {**body_of(paper), **report_body(paper)}


def _text(value: JsonValue | None) -> str:
    return "" if value is None else str(value)


def _money(value: JsonValue | None) -> str:
    text = _text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
