"""What a service lays down about its journal once a day, so that a change shows later.

An anchor is no fact of anybody's business: it says how far the journal reached and what its chains
came to, signed. It is told on a topic of its own and kept as a file; whoever holds a copy outside
can tell whether the journal is still the one that was.
"""

from datetime import date, datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

ANCHORS_TOPIC = "siku.anchors.v1"
ANCHOR_KIND: Final = "siku.journal.anchored.v1"


class Anchor(BaseModel):
    """How a journal stood: its last position with the chain up to there, and all stream heads.

    ``day`` is the business day, ``taken`` the real instant. ``heads`` is a digest over the heads
    of all ``streams`` as of ``position``; both chains are SHA-256 in hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["siku.journal.anchored.v1"] = ANCHOR_KIND
    service: str
    day: date
    taken: datetime
    position: int
    chain: str
    streams: int
    heads: str


class SignedAnchor(BaseModel):
    """An anchor as it is told and kept.

    ``key`` is the public key (JWK), ``signature`` a detached JWS (RFC 7515, ES256) over the anchor
    as canonical JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: Anchor
    key: dict[str, str | list[str]]
    signature: str
