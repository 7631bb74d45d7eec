"""What is told of intake's rules."""

from datetime import date
from typing import Literal

from contracts.envelope import Fact


class PolicyPublished(Fact):
    """A file of rules came into use; decisions name it by ``sha256`` in their envelope."""

    kind: Literal["intake.policy.published.v1"] = "intake.policy.published.v1"
    room: str
    valid_from: date
    sha256: str
    text: str
