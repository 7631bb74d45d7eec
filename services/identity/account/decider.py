"""What may happen to an account, and what it is afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from contracts.identity import (
    AccountAssigned,
    AccountClosed,
    AccountDisabled,
    AccountEnabled,
    AccountErased,
    AccountEvent,
    AccountOpened,
    PasswordChanged,
    PasswordReset,
    SignedOutEverywhere,
    read_account_event,
)
from services.identity.account import commands
from services.identity.account.commands import (
    AnyAccountCommand,
    AssignPost,
    ChangePassword,
    CloseAccount,
    DisableAccount,
    EnableAccount,
    EraseAccount,
    OpenAccount,
    ResetPassword,
)
from services.identity.account.posts import Post, refuse_unfit, succeeded_by
from shared.deciding import Decider
from shared.refusals import NotFound, Refusal


@dataclass(frozen=True)
class NotOpened:
    """There is no such account."""


@dataclass(frozen=True)
class InUse:
    """An account with the posts that it had, has and will have, in the order of their days."""

    posts: tuple[Post, ...]


@dataclass(frozen=True)
class Disabled:
    """An account that may not sign in for the time being."""

    posts: tuple[Post, ...]
    reason: str


@dataclass(frozen=True)
class Closed:
    """An account that ended for good; ``erased`` when nobody knows any more whose it was."""

    posts: tuple[Post, ...]
    reason: str
    erased: bool = False


Account = NotOpened | InUse | Disabled | Closed
INITIAL: Account = NotOpened()
CLOSED_AGAIN = "备份恢复后，按删除名单重新注销"


class AlreadyOpened(Refusal):
    """An account with this id exists."""

    code = "already_opened"
    title = "账号已经开通"


class OwnAccount(Refusal):
    """Nobody takes his own account away, or gives himself another post."""

    code = "own_account"
    title = "不能办理自己的账号"


class AccountEnded(Refusal):
    """A closed account stays closed."""

    code = "account_ended"
    title = "账号已注销"


class AccountStillThere(Refusal):
    """Only of a closed account the name is erased: who works under it needs it."""

    code = "account_still_there"
    title = "账号还没有注销"


class AccountIsDisabled(Refusal):
    """A disabled account has to be enabled first."""

    code = "account_is_disabled"
    title = "账号已停用"


def decide(command: AnyAccountCommand, account: Account) -> Sequence[AccountEvent]:
    """Answer a command."""
    match command:
        case OpenAccount():
            return open_account(command, account)
        case AssignPost():
            return assign(command, account)
        case DisableAccount():
            return disable(command, account)
        case EnableAccount():
            return enable(command, account)
        case CloseAccount():
            return close(command, account)
        case EraseAccount():
            return erase(command, account)
        case ResetPassword():
            _not_his_own(command, "重置自己的密码请用“个人设置”里的修改密码。")
            _in_use(account)
            return [PasswordReset(account_id=command.account_id)]
        case ChangePassword():
            _in_use(account)
            return [PasswordChanged(account_id=command.account_id)]
        case commands.SignOutEverywhere():
            _known(account)
            return [SignedOutEverywhere(account_id=command.account_id)]
        case _:
            assert_never(command)


def open_account(ask: OpenAccount, account: Account) -> Sequence[AccountEvent]:
    """Open an account with its first post."""
    match account:
        case NotOpened():
            refuse_unfit(ask.post, ())
            return [
                AccountOpened(
                    account_id=ask.account_id,
                    role=ask.post.role,
                    organisation_id=ask.post.organisation_id,
                    uscc=ask.post.uscc,
                    valid_from=ask.post.valid_from,
                    valid_to=ask.post.valid_to,
                )
            ]
        case InUse() | Disabled() | Closed():
            raise AlreadyOpened("这个账号已经开通。")
        case _:
            assert_never(account)


def assign(ask: AssignPost, account: Account) -> Sequence[AccountEvent]:
    """Give an account another post from a day on; the same post again is nothing new."""
    _not_his_own(ask, "自己的角色和单位请由另一位系统管理员办理。")
    posts = _in_use(account).posts
    if posts[-1] == _as_asked(ask):
        return []
    refuse_unfit(ask.post, posts)
    return [
        AccountAssigned(
            account_id=ask.account_id,
            role=ask.post.role,
            organisation_id=ask.post.organisation_id,
            uscc=ask.post.uscc,
            valid_from=ask.post.valid_from,
            valid_to=ask.post.valid_to,
        )
    ]


def disable(ask: DisableAccount, account: Account) -> Sequence[AccountEvent]:
    """Keep an account out until it is enabled."""
    _not_his_own(ask, "停用自己的账号请由另一位系统管理员办理。")
    match _known(account):
        case InUse():
            return [AccountDisabled(account_id=ask.account_id, reason=ask.reason)]
        case Disabled():
            return []
        case Closed():
            raise AccountEnded("账号已注销，不必再停用。")


def enable(ask: EnableAccount, account: Account) -> Sequence[AccountEvent]:
    """Let a disabled account in again."""
    match _known(account):
        case Disabled():
            return [AccountEnabled(account_id=ask.account_id)]
        case InUse():
            return []
        case Closed():
            raise AccountEnded("账号已注销，不能再启用。请另开账号。")


def close(ask: CloseAccount, account: Account) -> Sequence[AccountEvent]:
    """End an account for good; what it did stays under its id."""
    _not_his_own(ask, "注销自己的账号请由另一位系统管理员办理。")
    match _known(account):
        case InUse() | Disabled():
            return [AccountClosed(account_id=ask.account_id, reason=ask.reason)]
        case Closed():
            return []


def erase(ask: EraseAccount, account: Account) -> Sequence[AccountEvent]:
    """Tell once that the user name and the name of a closed account are gone."""
    erased = AccountErased(account_id=ask.account_id, reason=ask.reason)
    match account:
        case Closed(erased=already):
            return [] if already else [erased]
        case InUse() | Disabled() if ask.again:
            return [AccountClosed(account_id=ask.account_id, reason=CLOSED_AGAIN), erased]
        case NotOpened() if ask.again:
            return []
        case NotOpened():
            raise NotFound("没有这个账号。")
        case InUse() | Disabled():
            raise AccountStillThere("请先注销账号，再删除它的账号名和名称。")
        case _:
            assert_never(account)


def _not_his_own(ask: AnyAccountCommand, remedy: str) -> None:
    if ask.by == str(ask.account_id):
        raise OwnAccount(f"不能办理自己的账号。{remedy}")


def _known(account: Account) -> InUse | Disabled | Closed:
    if isinstance(account, NotOpened):
        raise NotFound("没有这个账号。")
    return account


def _in_use(account: Account) -> InUse:
    match _known(account):
        case InUse() as used:
            return used
        case Disabled():
            raise AccountIsDisabled("账号已停用，请先启用。")
        case Closed():
            raise AccountEnded("账号已注销，不能再办理。请另开账号。")


def _as_asked(ask: AssignPost) -> Post:
    post = ask.post
    return Post(post.role, post.organisation_id, post.valid_from, post.valid_to, post.uscc)


def evolve(account: Account, event: AccountEvent) -> Account:
    """Take in a fact."""
    match event:
        case AccountOpened():
            return InUse((_post(event),))
        case PasswordReset() | PasswordChanged() | SignedOutEverywhere():
            return account
        case AccountAssigned() if not isinstance(account, NotOpened):
            return replace(account, posts=succeeded_by(account.posts, _post(event)))
        case AccountDisabled() if not isinstance(account, NotOpened):
            return Disabled(account.posts, event.reason)
        case AccountEnabled() if not isinstance(account, NotOpened):
            return InUse(account.posts)
        case AccountClosed() if not isinstance(account, NotOpened):
            return Closed(account.posts, event.reason)
        case AccountErased() if isinstance(account, Closed):
            return replace(account, erased=True)
        case (
            AccountAssigned()
            | AccountDisabled()
            | AccountEnabled()
            | AccountClosed()
            | AccountErased()
        ):
            return account
        case _:
            assert_never(event)


def _post(event: AccountOpened | AccountAssigned) -> Post:
    return Post(event.role, event.organisation_id, event.valid_from, event.valid_to, event.uscc)


def post_on(account: Account, day: date) -> Post | None:
    """Give the post that lets an account in on a day, or None."""
    match account:
        case InUse(posts=posts):
            return next((post for post in reversed(posts) if post.holds_on(day)), None)
        case NotOpened() | Disabled() | Closed():
            return None
        case _:
            assert_never(account)


def works_after(account: Account, organisation_id: str, day: date) -> bool:
    """Tell whether an account has a post in a unit on some day after this one."""
    if isinstance(account, NotOpened | Closed):
        return False
    return any(
        post.organisation_id == organisation_id and post.holds_after(day + timedelta(days=1))
        for post in account.posts
    )


def stream_of(account_id: UUID) -> str:
    """Give the stream of an account."""
    return f"account-{account_id}"


ACCOUNT: Decider[AnyAccountCommand, Account, AccountEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=read_account_event,
)
