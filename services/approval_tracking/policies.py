"""The rules of approvals in force, as its dated files say them; each is told at start."""

from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from contracts.approval_tracking import PolicyPublished
from shared import policies as dated
from shared.policies import Policy

ROOMS = Path(__file__).parent


def policy_of(room: str, on: date) -> Policy:
    """Give the policy of a room on a day; before the first one, the first one counts."""
    return dated.in_force(ROOMS, room, on)


def _published(policy: Policy) -> PolicyPublished:
    return PolicyPublished(
        room=policy.room, valid_from=policy.valid_from, sha256=policy.sha256, text=policy.text
    )


POLICY = dated.policy_decider(_published, TypeAdapter(PolicyPublished))
