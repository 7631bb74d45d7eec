"""What may happen to an event: it is recorded when it was held, and taken back if in error.

"市级全年组织10次以上市外招商活动，县级全年组织5次以上" (晋市政办〔2019〕16号 五条).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.intake import PromotionEvent, PromotionHeld, PromotionWithdrawn
from services.intake.project.decider import refuse_ended
from services.intake.project.rules import claimed_name
from services.intake.promotion.commands import RecordPromotion, WithdrawPromotion
from services.intake.signing.answering import NotYourSigning
from services.intake.signing.rules import day_problems, demand, problem, reason_problems
from shared.deciding import Decider
from shared.journal import Claim
from shared.refusals import AlreadyClaimed, NotFound, Problem, Refusal
from shared.seeing import Row


@dataclass(frozen=True)
class NotRecorded:
    """Nobody has recorded this event."""


@dataclass(frozen=True)
class Held:
    """An event that was held."""

    org: str
    org_name: str
    title: str
    held_on: date


@dataclass(frozen=True)
class TakenBack:
    """An event that was entered in error."""

    org: str


Promotion = NotRecorded | Held | TakenBack
PromotionCommand = RecordPromotion | WithdrawPromotion


class AlreadyRecorded(Refusal):
    """An event with this id exists."""

    code = "already_recorded"


def decide(command: PromotionCommand, promotion: Promotion) -> Sequence[PromotionEvent]:
    """Answer a command."""
    match command:
        case RecordPromotion():
            return record(command, promotion)
        case WithdrawPromotion():
            return withdraw(command, promotion)
        case _:
            assert_never(command)


def record(ask: RecordPromotion, promotion: Promotion) -> Sequence[PromotionEvent]:
    """Record an event of one's own unit."""
    match promotion:
        case NotRecorded():
            refuse_ended(ask.ended)
            demand(_problems(ask))
            return [
                PromotionHeld(
                    promotion_id=ask.promotion_id,
                    org=ask.by.org,
                    org_name=ask.org_name,
                    level=ask.level,
                    title=ask.title.strip(),
                    place=ask.place.strip(),
                    outside_city=ask.outside_city,
                    held_on=ask.held_on,
                    evidence=ask.evidence,
                )
            ]
        case Held() | TakenBack():
            raise AlreadyRecorded("这个编号的招商活动已经登记。")
        case _:
            assert_never(promotion)


def _problems(ask: RecordPromotion) -> Iterator[Problem]:
    for field, text in (("title", ask.title), ("place", ask.place)):
        yield from reason_problems(field, text, ask.bounds.longest_title)
    yield from day_problems("held_on", ask.held_on, ask.bounds.on)
    own = [name for name in ask.own_places if name in ask.place]
    if ask.outside_city and own:
        yield problem(
            "outside_city",
            "place_in_the_city",
            f"，而活动地点写的是{own[0]}。",
            "只有在本市以外举办的才计入市外招商活动，请核对地点或去掉勾选。",
        )


def withdraw(ask: WithdrawPromotion, promotion: Promotion) -> Sequence[PromotionEvent]:
    """Take an event back; it counts no more."""
    match promotion:
        case Held():
            if not (ask.oversees or ask.by.works_for(promotion.org)):
                raise NotYourSigning(
                    f"这次活动由{promotion.org_name}登记，请由登记单位或市招商局撤销。"
                )
            demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
            return [
                PromotionWithdrawn(
                    promotion_id=ask.promotion_id,
                    reason=ask.reason.strip(),
                    withdrawn_on=ask.bounds.on,
                )
            ]
        case TakenBack():
            return []
        case NotRecorded():
            raise absent()
        case _:
            assert_never(promotion)


def absent() -> NotFound:
    """Give the refusal of what is not there, or may not be known of."""
    return NotFound("没有这次招商活动，或它不在你单位的范围内。")


def evolve(promotion: Promotion, event: PromotionEvent) -> Promotion:
    """Take in a fact."""
    match event:
        case PromotionHeld():
            return Held(event.org, event.org_name, event.title, event.held_on)
        case PromotionWithdrawn():
            return TakenBack(promotion.org) if isinstance(promotion, Held) else promotion
        case _:
            assert_never(event)


def holds(promotion: Promotion) -> frozenset[Claim]:
    """Give what an event keeps for itself: its title on its day, within its unit."""
    match promotion:
        case Held(org=org, title=title, held_on=day):
            return frozenset({Claim(f"promotion:{org}", f"{claimed_name(title)}|{day}")})
        case NotRecorded() | TakenBack():
            return frozenset()
        case _:
            assert_never(promotion)


def claimed(_: Claim) -> Refusal:
    """Word the refusal when the unit has recorded the event already."""
    return AlreadyClaimed("你单位同一天的同名活动已经登记过，一次活动只计一次。", scope="promotion")


def row_of(promotion: Promotion) -> Row | None:
    """Give what counts for who sees an event; None where there never was one."""
    match promotion:
        case Held(org=org) | TakenBack(org=org):
            return {"org": org}
        case NotRecorded():
            return None
        case _:
            assert_never(promotion)


def stream_of(promotion_id: UUID) -> str:
    """Give the stream of an event."""
    return f"promotion-{promotion_id}"


PROMOTION: Decider[PromotionCommand, Promotion, PromotionEvent] = Decider(
    initial=NotRecorded(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[PromotionEvent, Field(discriminator="kind")]),
    holds=holds,
    claimed=claimed,
)
