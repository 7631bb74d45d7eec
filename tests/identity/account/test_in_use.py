"""An account is disabled, enabled, closed; its password is reset; its sessions are ended."""

from collections.abc import Callable
from datetime import date

import pytest

from contracts.erasing import ErasureReason
from contracts.identity import (
    AccountClosed,
    AccountDisabled,
    AccountEnabled,
    AccountErased,
    PasswordChanged,
    PasswordReset,
    SignedOutEverywhere,
)
from services.identity.account.commands import (
    AnyAccountCommand,
    ChangePassword,
    CloseAccount,
    DisableAccount,
    EnableAccount,
    EraseAccount,
    ResetPassword,
    SignOutEverywhere,
)
from services.identity.account.decider import (
    CLOSED_AGAIN,
    AccountEnded,
    AccountIsDisabled,
    AccountStillThere,
    OwnAccount,
    post_on,
    works_after,
)
from shared.refusals import NotFound
from tests.identity.account.test_posts import (
    APRIL_22,
    ID,
    MAY_1,
    account,
    assigning,
    opened,
    wanted,
)

DISABLED = AccountDisabled(account_id=ID, reason="借调外出")
ENABLED = AccountEnabled(account_id=ID)
CLOSED = AccountClosed(account_id=ID, reason="调离")


def disable(by: str = "admin") -> AnyAccountCommand:
    return DisableAccount(ID, by, "借调外出")


def enable(by: str = "admin") -> AnyAccountCommand:
    return EnableAccount(ID, by)


def close(by: str = "admin") -> AnyAccountCommand:
    return CloseAccount(ID, by, "调离")


def reset(by: str = "admin") -> AnyAccountCommand:
    return ResetPassword(ID, by)


def change(by: str = str(ID)) -> AnyAccountCommand:
    return ChangePassword(ID, by)


def sign_out(by: str = "admin") -> AnyAccountCommand:
    return SignOutEverywhere(ID, by)


def test_a_disabled_account_lets_nobody_in_until_it_is_enabled() -> None:
    account.given(opened()).when(disable()).then(DISABLED)
    assert post_on(account.given(opened(), DISABLED).state, APRIL_22) is None
    account.given(opened(), DISABLED).when(enable()).then(ENABLED)
    assert post_on(account.given(opened(), DISABLED, ENABLED).state, APRIL_22) is not None


def test_disabling_and_enabling_twice_happens_once() -> None:
    account.given(opened(), DISABLED).when(disable()).then_nothing()
    account.given(opened()).when(enable()).then_nothing()


def test_a_closed_account_stays_closed() -> None:
    account.given(opened()).when(close()).then(CLOSED)
    account.given(opened(), DISABLED).when(close()).then(CLOSED)
    gone = account.given(opened(), CLOSED)
    gone.when(close()).then_nothing()
    for asked in (disable(), enable(), reset(), change(), assigning(wanted(since=MAY_1))):
        gone.when(asked).then_refused(AccountEnded)
    assert post_on(gone.state, APRIL_22) is None
    assert not works_after(gone.state, "D-DRC", APRIL_22)


def test_a_disabled_account_gets_no_post_and_no_password() -> None:
    away = account.given(opened(), DISABLED)
    for asked in (reset(), change(), assigning(wanted(since=MAY_1))):
        away.when(asked).then_refused(AccountIsDisabled)


def test_a_disabled_account_still_counts_where_its_unit_ends() -> None:
    assert works_after(account.given(opened(), DISABLED).state, "D-DRC", APRIL_22)


@pytest.mark.parametrize("ask", [disable, close, reset])
def test_nobody_takes_his_own_account_away(ask: Callable[[str], AnyAccountCommand]) -> None:
    account.given(opened("admin")).when(ask(str(ID))).then_refused(OwnAccount)


def test_passwords_and_sign_outs_leave_their_traces_and_change_no_post() -> None:
    here = account.given(opened())
    here.when(reset()).then(PasswordReset(account_id=ID))
    here.when(change()).then(PasswordChanged(account_id=ID))
    here.when(sign_out()).then(SignedOutEverywhere(account_id=ID))
    here.when(sign_out(str(ID))).then(SignedOutEverywhere(account_id=ID))
    after = here.given(PasswordReset(account_id=ID), SignedOutEverywhere(account_id=ID))
    assert after.state == here.state


def test_what_is_not_there_cannot_be_acted_on() -> None:
    for asked in (disable(), enable(), close(), reset(), change(), sign_out()):
        account.when(asked).then_refused(NotFound)


def test_a_post_of_another_day_says_nothing_of_today() -> None:
    assert post_on(account.given(opened(since=MAY_1)).state, date(2019, 4, 30)) is None


def erase(*, again: bool = False) -> AnyAccountCommand:
    return EraseAccount(ID, "admin", ErasureReason.TERM_OVER, again=again)


ERASED = AccountErased(account_id=ID, reason=ErasureReason.TERM_OVER)


def test_the_name_of_a_closed_account_is_erased_once() -> None:
    account.given(opened(), CLOSED).when(erase()).then(ERASED)
    account.given(opened(), CLOSED, ERASED).when(erase()).then_nothing()


@pytest.mark.parametrize("facts", [(), (DISABLED,)])
def test_the_name_of_an_account_that_is_not_closed_is_not_erased(
    facts: tuple[AccountDisabled, ...],
) -> None:
    account.given(opened(), *facts).when(erase()).then_refused(AccountStillThere)
    account.when(erase()).then_refused(NotFound)


def test_an_older_backup_is_closed_and_erased_again() -> None:
    closed = AccountClosed(account_id=ID, reason=CLOSED_AGAIN)
    account.given(opened()).when(erase(again=True)).then(closed, ERASED)
    account.given(opened(), CLOSED).when(erase(again=True)).then(ERASED)
    account.when(erase(again=True)).then_nothing()
