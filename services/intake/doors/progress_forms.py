"""The bodies of months and works, in 万元 as clerks write them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from contracts.intake import (
    FundingSource,
    FundsReceived,
    InvestmentByUse,
    MilestoneReached,
    ProblemNamed,
    ProgressOpened,
    ProgressReported,
)
from services.intake.doors.evidence import Papers
from services.intake.doors.forms import (
    Amount,
    Body,
    Line,
    OpenLine,
    OpenText,
    blank_is_open,
    in_ten_thousands,
    plain_number,
    yuan,
)
from services.intake.progress.states import What


def _blank_is_nothing(value: object) -> object:
    plain = plain_number(value)
    return 0 if plain is None else plain


Signed = Annotated[
    Decimal, BeforeValidator(_blank_is_nothing), Field(max_digits=13, decimal_places=2)
]
OpenDay = Annotated[date | None, BeforeValidator(blank_is_open)]
Code = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class InvestedForm(Body):
    """本月完成投资 by composition; below zero takes something back."""

    construction: Signed = Decimal(0)
    installation: Signed = Decimal(0)
    equipment: Signed = Decimal(0)
    other: Signed = Decimal(0)

    def invested(self) -> InvestmentByUse:
        """Give the investment in yuan."""
        return InvestmentByUse(
            construction=yuan(self.construction),
            installation=yuan(self.installation),
            equipment=yuan(self.equipment),
            other=yuan(self.other),
        )


class FundsForm(Body):
    """到位资金 of one source in the month."""

    source: FundingSource
    amount: Signed


class MilestoneForm(Body):
    """How far a milestone is."""

    milestone: Code
    percent: Annotated[int, Field(ge=0, le=100)]
    reached_on: OpenDay = None

    def reached(self) -> MilestoneReached:
        """Give the milestone."""
        return MilestoneReached(
            milestone=self.milestone, percent=self.percent, reached_on=self.reached_on
        )


class ProblemForm(Body):
    """A problem, and the unit that is asked to solve it."""

    text: Line
    asks: OpenLine = None


class ProgressForm(Body):
    """月报."""

    invested: InvestedForm = InvestedForm()
    funds: Annotated[tuple[FundsForm, ...], Field(max_length=12)] = ()
    milestones: Annotated[tuple[MilestoneForm, ...], Field(max_length=40)] = ()
    problems: Annotated[tuple[ProblemForm, ...], Field(max_length=100)] = ()
    text: OpenText = None
    evidence: Papers = ()
    reason: OpenLine = None
    accepted_hints: Annotated[tuple[str, ...], Field(max_length=40)] = ()

    def received(self) -> tuple[FundsReceived, ...]:
        """Give the money that came in, in yuan."""
        return tuple(FundsReceived(source=f.source, amount=yuan(f.amount)) for f in self.funds)

    def named(self) -> tuple[ProblemNamed, ...]:
        """Give the problems."""
        return tuple(ProblemNamed(text=one.text, asks=one.asks) for one in self.problems)


class OpeningForm(Body):
    """期初累计."""

    as_of: date
    invested_in_all: Amount
    invested_this_year: Amount
    milestones: Annotated[tuple[MilestoneForm, ...], Field(max_length=40)] = ()
    evidence: Papers = ()


class WorkForm(Body):
    """开工、停工、复工、未停工、竣工; of a rest ``note`` is the reason."""

    what: What
    happened_on: date
    note: OpenLine = None
    evidence: Papers = ()


class RectifyForm(Body):
    """更正: another day in the place of one, or none where nothing happened."""

    what: What
    was_on: date
    is_on: OpenDay = None
    reason: Line = ""


def written(report: ProgressReported) -> dict[str, object]:
    """Write a report as its form has it, money in 万元."""
    return {
        "invested": {
            name: in_ten_thousands(amount) for name, amount in report.invested.model_dump().items()
        },
        "funds": [
            {"source": part.source, "amount": in_ten_thousands(part.amount)}
            for part in report.funds
        ],
        "milestones": [one.model_dump(mode="json") for one in report.milestones],
        "problems": [one.model_dump(mode="json") for one in report.problems],
        "text": report.text,
        "evidence": [one.model_dump(mode="json") for one in report.evidence],
        "reason": report.reason,
    }


def opened(opening: ProgressOpened) -> dict[str, object]:
    """Write what came before as its form has it."""
    return {
        "as_of": opening.as_of.isoformat(),
        "invested_in_all": in_ten_thousands(opening.invested_in_all),
        "invested_this_year": in_ten_thousands(opening.invested_this_year),
        "milestones": [one.model_dump(mode="json") for one in opening.milestones],
    }
