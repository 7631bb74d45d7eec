"""The working days of 2019 and 2030 as the relay tells them: four facts, one a month."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from contracts.approval_tracking import (
    CALENDAR,
    REFERENCE_TOPIC,
    Holiday,
    YearEstimated,
    YearEvent,
    YearPublished,
    YearRevised,
)
from contracts.envelope import Envelope, instant
from shared.relay import headers_of
from shared.viewing import Record

BEGAN = datetime(2018, 12, 6, 2, 0, tzinfo=UTC)
MAY_DAY = (Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 1)),)
FOUR_DAYS = (Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 4)),)
IN_PLACE = (date(2019, 4, 28), date(2019, 5, 5))
REASON = "劳动节假期调整为5月1日至4日"
TOLD: Sequence[YearEvent] = (
    YearEstimated(year=2019, source="法定节日", holidays=(), make_up_days=()),
    YearPublished(
        year=2019,
        notices=("国办发明电〔2018〕15号",),
        source="按通知录入",
        holidays=MAY_DAY,
        make_up_days=(),
    ),
    YearPublished(
        year=2030,
        notices=("国办发明电〔2029〕1号",),
        source="按通知录入",
        holidays=(Holiday(name="元旦", first=date(2030, 1, 1), last=date(2030, 1, 1)),),
        make_up_days=(),
    ),
    YearRevised(
        year=2019,
        notices=("国办发明电〔2018〕15号", "国办发明电〔2019〕3号"),
        reason=REASON,
        source="按通知录入",
        holidays=FOUR_DAYS,
        make_up_days=IN_PLACE,
    ),
)


def recorded(position: int) -> datetime:
    """Give when the fact at a position was recorded."""
    return BEGAN + timedelta(days=30 * position)


def records(told: Sequence[YearEvent] = TOLD) -> list[Record]:
    """Give the facts as they come from Kafka, at positions from 1."""
    versions: dict[int, int] = {}
    made = []
    for position, fact in enumerate(told, start=1):
        versions[fact.year] = versions.get(fact.year, 0) + 1
        envelope = Envelope(
            id=f"01970000-0000-7000-8000-0000000003{position:02d}",
            type=fact.kind,
            source="/siku/approval_tracking",
            subject=f"calendar-{fact.year}",
            time=instant(recorded(position)),
            partitionkey=CALENDAR,
            streamversion=str(versions[fact.year]),
            occurred="2019-04-22",
            actoraccount="acc-4",
            actorrole="admin",
            actororg="D-DRC",
            correlationid="c",
            causationid="c",
        )
        headers: list[tuple[str, bytes | None]] = [
            *headers_of(envelope.model_dump(), position, b"\1")
        ]
        body = fact.model_dump_json().encode()
        made.append(Record(REFERENCE_TOPIC, 0, 0, CALENDAR.encode(), headers, body))
    return made
