"""Where an application is on its way through the three levels, and what it is about."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from contracts.intake import Holder, Matter, Term


class Stage(StrEnum):
    """The name of each place on the way, as listeners and pages know it."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CITY_PASSED = "CITY_PASSED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True)
class OpenTerm:
    """The term that runs, and whether it was told overdue. Old facts name no ``term``."""

    holder: Holder
    term: Term | None
    overdue_told: bool = False


@dataclass(frozen=True)
class Application:
    """What was handed in: about which matter, on which edition, how often by now, by whom."""

    matter: Matter
    revision: int
    round: int
    submitted_by: str


@dataclass(frozen=True)
class InOwnHands:
    """A draft that was never reported, or was taken back."""

    rounds: int = 0


@dataclass(frozen=True)
class WithCity:
    """报送了, awaiting the city's first review; ``returned`` when the province sent it back."""

    asked: Application
    running: OpenTerm
    returned: bool = False
    taken_by: str = ""


@dataclass(frozen=True)
class WithProvince:
    """Passed by the city, awaiting the province."""

    asked: Application
    first_reviewed_by: str
    running: OpenTerm
    taken_by: str = ""


@dataclass(frozen=True)
class SentBack:
    """Returned to the unit for completion; by the province where somebody had passed it first."""

    asked: Application
    running: OpenTerm
    first_reviewed_by: str = ""


@dataclass(frozen=True)
class Approved:
    """The province let it into a pool, and nothing about it is under review now."""


@dataclass(frozen=True)
class Rejected:
    """不予入库."""


Review = InOwnHands | WithCity | WithProvince | SentBack | Approved | Rejected
INITIAL: Review = InOwnHands()


def stage_of(review: Review) -> Stage:
    """Give the stage's name."""
    return {
        InOwnHands: Stage.DRAFT,
        WithCity: Stage.SUBMITTED,
        WithProvince: Stage.CITY_PASSED,
        SentBack: Stage.RETURNED,
        Approved: Stage.APPROVED,
        Rejected: Stage.REJECTED,
    }[type(review)]


def application_of(review: Review) -> Application | None:
    """Give what is under review, or was sent back and may be handed in again."""
    match review:
        case WithCity() | WithProvince() | SentBack():
            return review.asked
        case InOwnHands() | Approved() | Rejected():
            return None
        case _:
            assert_never(review)


def next_level(review: Review, *, straight: bool) -> Holder:
    """Give to whom what is handed in now goes: ``straight`` to the level that sent it back."""
    came_from_province = isinstance(review, SentBack) and bool(review.first_reviewed_by)
    return Holder.PROVINCE if straight and came_from_province else Holder.CITY


def has_been_reported(review: Review) -> bool:
    """Tell whether a dossier was ever handed in, taken back since or not."""
    return not isinstance(review, InOwnHands) or review.rounds > 0


def open_term(review: Review) -> OpenTerm | None:
    """Give the term that runs, if any does."""
    match review:
        case WithCity() | WithProvince() | SentBack():
            return review.running
        case InOwnHands() | Approved() | Rejected():
            return None
        case _:
            assert_never(review)


def taken(review: Review, by: str) -> Review:
    """Give the same place in the hands of one reviewer, or of none."""
    match review:
        case WithCity() | WithProvince():
            return replace(review, taken_by=by)
        case InOwnHands() | SentBack() | Approved() | Rejected():
            return review
        case _:
            assert_never(review)


def with_running(review: Review, running: OpenTerm) -> Review:
    """Give the same place with another state of its term; a place without a term stays so."""
    match review:
        case WithCity() | WithProvince() | SentBack():
            return replace(review, running=running)
        case InOwnHands() | Approved() | Rejected():
            return review
        case _:
            assert_never(review)
