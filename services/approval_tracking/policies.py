"""The rules of approvals in force, as its dated files say them; each is told at start."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from contracts.approval_tracking import PolicyPublished
from services.approval_tracking.approval_plan.catalogue import Catalogue, read_catalogue
from shared import policies as dated
from shared.policies import Policy

ROOMS = Path(__file__).parent


def policy_of(room: str, on: date) -> Policy:
    """Give the policy of a room on a day; before the first one, the first one counts."""
    return dated.in_force(ROOMS, room, on)


def catalogue_of(on: date) -> Catalogue:
    """Give the catalogue of approvals that holds on a day."""
    return _catalogue(policy_of("approval_plan", on))


@lru_cache(maxsize=16)
def _catalogue(last: Policy) -> Catalogue:
    files = reversed(list(_amended_by(last)))
    return read_catalogue([(file.values, file.sha256) for file in files])


def _amended_by(policy: Policy) -> Iterator[Policy]:
    yield policy
    amends = policy.values.get("amends")
    if amends is not None:
        yield from _amended_by(policy_of(policy.room, amends))


def _published(policy: Policy) -> PolicyPublished:
    return PolicyPublished(
        room=policy.room, valid_from=policy.valid_from, sha256=policy.sha256, text=policy.text
    )


POLICY = dated.policy_decider(_published, TypeAdapter(PolicyPublished))
