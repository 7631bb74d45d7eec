"""What is told of the rules of approvals: the catalogue of items, its flows and limits."""

from datetime import date
from typing import Literal

from contracts.envelope import Fact


class PolicyPublished(Fact):
    """A file of rules came into use; decisions name it by ``sha256`` in their envelope."""

    kind: Literal["approval_tracking.policy.published.v1"] = "approval_tracking.policy.published.v1"
    room: str
    valid_from: date
    sha256: str
    text: str
