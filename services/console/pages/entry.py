"""One recorded fact as the pages show it, with what is known about its recording."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from contracts.intake import IntakeEvent


@dataclass(frozen=True)
class Entry:
    """One recorded fact of a project with what is known about its recording."""

    version: int
    event_id: str
    kind: str
    recorded: datetime
    occurred: str
    account: str
    role: str
    org: str
    policy: str
    correlation: str
    chain: str
    position: int
    payload: str
    event: IntakeEvent | None

    @property
    def payload_sha256(self) -> str:
        """The digest of the stored bytes."""
        return hashlib.sha256(self.payload.encode()).hexdigest()

    @property
    def arranged(self) -> str:
        """The payload set out column by column, for reading."""
        return json.dumps(json.loads(self.payload), ensure_ascii=False, indent=2)
