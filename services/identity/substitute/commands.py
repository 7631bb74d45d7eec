"""What may be asked about standing in for somebody."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.identity.account.posts import Post


@dataclass(frozen=True)
class AppointSubstitute:
    """请假代理: ``post`` and ``own`` are what the absent one and the substitute hold then."""

    account_id: UUID
    substitute_id: UUID
    valid_from: date
    valid_to: date
    on: date
    post: Post | None
    own: Post | None


@dataclass(frozen=True)
class EndSubstitute:
    """提前结束代理: ``on`` becomes the last day."""

    account_id: UUID
    substitute_id: UUID
    on: date


SubstituteCommand = AppointSubstitute | EndSubstitute
