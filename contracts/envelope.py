"""What surrounds every fact: CloudEvents 1.0 attributes, all of them strings.

The payload says what happened; the envelope says how we know (who, when, why, under which policy).
On Kafka the attributes travel as ``ce_*`` headers in binary mode and the payload is the value.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

MARKER_KIND = "siku.topic.marked.v1"
"""The first record of each partition: its id tells one incarnation of a topic from the next."""


def _a_uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise ValueError("id must be a UUID")
    return text


def _with_zone(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("time must carry a time zone")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Id = Annotated[Text, AfterValidator(_a_uuid)]
Instant = Annotated[Text, AfterValidator(_with_zone)]


class Fact(BaseModel):
    """Something that happened. Facts are never edited; a wrong one is put right by another."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str


class Part(BaseModel):
    """A value inside a fact."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Envelope(BaseModel):
    """The CloudEvents attributes of one fact.

    ``subject`` is the stream, ``time`` the instant of recording (UTC, business time),
    ``occurred`` the business date or instant that the fact itself speaks of.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: Id
    type: Text
    source: Text
    subject: Text
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    partitionkey: Text
    streamversion: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*$")]
    occurred: Text
    actoraccount: Text
    actorrole: Text
    actororg: Text
    onbehalfof: str = Field(default="")
    correlationid: Text
    causationid: Text
    policy: str = Field(default="")

    @property
    def version(self) -> int:
        """Number of the fact in its stream, counted from 1."""
        return int(self.streamversion)

    @property
    def recorded(self) -> datetime:
        """Instant of recording."""
        return datetime.fromisoformat(self.time)


def instant(moment: datetime) -> str:
    """Write an instant as the envelope does: UTC, microseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
