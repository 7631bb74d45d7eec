"""What may be asked of an account."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.erasing import ErasureReason

Side = Literal["fills", "approves", ""]


@dataclass(frozen=True)
class Wanted:
    """A post that an account shall have, with what was looked up about it.

    ``side`` is what its role does, None where there is no such role on its first day; ``stands``
    says whether the unit exists then.
    """

    role: str
    organisation_id: str
    uscc: str | None
    valid_from: date
    valid_to: date | None
    side: Side | None
    stands: bool


@dataclass(frozen=True)
class AccountCommand:
    """A command of this room; ``by`` is the account that asks."""

    account_id: UUID
    by: str


@dataclass(frozen=True)
class OpenAccount(AccountCommand):
    """开通."""

    post: Wanted


@dataclass(frozen=True)
class AssignPost(AccountCommand):
    """任职变动."""

    post: Wanted


@dataclass(frozen=True)
class DisableAccount(AccountCommand):
    """停用."""

    reason: str


@dataclass(frozen=True)
class EnableAccount(AccountCommand):
    """启用."""


@dataclass(frozen=True)
class CloseAccount(AccountCommand):
    """注销."""

    reason: str


@dataclass(frozen=True)
class EraseAccount(AccountCommand):
    """删除账号信息; ``again`` where an older backup does not know any more that it was done."""

    reason: ErasureReason
    again: bool = False


@dataclass(frozen=True)
class ResetPassword(AccountCommand):
    """重置密码: an administrator gives a one-time password."""


@dataclass(frozen=True)
class ChangePassword(AccountCommand):
    """修改密码: the holder chooses another one."""


@dataclass(frozen=True)
class SignOutEverywhere(AccountCommand):
    """全部退出."""


AnyAccountCommand = (
    OpenAccount
    | AssignPost
    | DisableAccount
    | EnableAccount
    | CloseAccount
    | EraseAccount
    | ResetPassword
    | ChangePassword
    | SignOutEverywhere
)
