"""An event to win investors is recorded once; only one outside the city counts as such."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.intake import PromotionHeld, PromotionWithdrawn
from services.intake.policies import bounds_of
from services.intake.project.commands import By
from services.intake.promotion.commands import RecordPromotion, WithdrawPromotion
from services.intake.promotion.decider import PROMOTION, AlreadyRecorded, holds
from services.intake.signing.answering import NotYourSigning
from shared.refusals import NotFound, UnreadableInput
from shared.testing import Story

P = UUID("00000000-0000-7000-8000-00000000091a")
APRIL_22 = date(2019, 4, 22)
CLERK, NEIGHBOUR = By(account="clerk", org="JC-ZZ"), By(account="other", org="JC-GP")

promotion = Story(PROMOTION)


def record(**changes: Any) -> RecordPromotion:
    fields: dict[str, Any] = {
        "promotion_id": P,
        "by": CLERK,
        "bounds": bounds_of(APRIL_22),
        "org_name": "泽州县",
        "level": "COUNTY",
        "title": "光机电产业推介会",
        "place": "广东省深圳市",
        "own_places": ("晋城市", "泽州县", "高平市"),
        "outside_city": True,
        "held_on": APRIL_22,
    }
    return RecordPromotion(**{**fields, **changes})


def withdraw(**changes: Any) -> WithdrawPromotion:
    fields = {"promotion_id": P, "by": CLERK, "bounds": bounds_of(APRIL_22), "reason": "重复登记。"}
    return WithdrawPromotion(**{**fields, **changes})


def held(**changes: Any) -> PromotionHeld:
    fields: dict[str, Any] = {
        "promotion_id": P,
        "org": "JC-ZZ",
        "org_name": "泽州县",
        "level": "COUNTY",
        "title": "光机电产业推介会",
        "place": "广东省深圳市",
        "outside_city": True,
        "held_on": APRIL_22,
    }
    return PromotionHeld(**{**fields, **changes})


def withdrawn() -> PromotionWithdrawn:
    return PromotionWithdrawn(promotion_id=P, reason="重复登记。", withdrawn_on=APRIL_22)


def test_an_event_is_recorded_when_it_was_held() -> None:
    promotion.when(record()).then(held())
    refused = promotion.when(record(held_on=date(2019, 4, 23))).then_refused(UnreadableInput)
    assert [(one.field, one.rule) for one in refused.errors] == [("held_on", "day_to_come")]


def test_an_event_in_the_city_is_not_one_outside_it() -> None:
    at_home = record(place="晋城市泽州县巴公镇")
    refused = promotion.when(at_home).then_refused(UnreadableInput)
    assert [(one.field, one.rule) for one in refused.errors] == [
        ("outside_city", "place_in_the_city")
    ]
    promotion.when(record(place="高平市", outside_city=False)).then(
        held(place="高平市", outside_city=False)
    )


def test_an_event_is_recorded_once() -> None:
    promotion.given(held()).when(record()).then_refused(AlreadyRecorded)
    (claim,) = holds(promotion.given(held()).state)
    assert claim in holds(promotion.given(held(place="深圳")).state), (
        "the same title on the same day"
    )
    assert claim not in holds(promotion.given(held(held_on=date(2019, 4, 21))).state)
    assert holds(promotion.given(held(), withdrawn()).state) == frozenset()


def test_an_event_in_error_is_taken_back_once_with_its_reason() -> None:
    promotion.given(held()).when(withdraw()).then(withdrawn())
    promotion.given(held(), withdrawn()).when(withdraw()).then_nothing()
    promotion.given(held()).when(withdraw(reason="")).then_refused(UnreadableInput)
    promotion.when(withdraw()).then_refused(NotFound)


def test_only_its_unit_or_the_city_takes_it_back() -> None:
    promotion.given(held()).when(withdraw(by=NEIGHBOUR)).then_refused(NotYourSigning)
    promotion.given(held()).when(withdraw(by=NEIGHBOUR, oversees=True)).then(withdrawn())
