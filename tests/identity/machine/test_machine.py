"""A machine account does what its role may do and it was given, and leaves its traces."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from contracts.identity import (
    MachineClosed,
    MachineDisabled,
    MachineEnabled,
    MachineEvent,
    MachineOpened,
    MachineScopesChanged,
    MachineSecretRevoked,
    MachineSecretRotated,
)
from services.identity.account.commands import Side, Wanted
from services.identity.account.posts import FillsAndApproves, NoSuchOrganisation, side_of
from services.identity.machine.commands import (
    AnyMachineCommand,
    ChangeScopes,
    CloseMachine,
    DisableMachine,
    EnableMachine,
    OpenMachine,
    RevokeSecret,
    RotateSecret,
)
from services.identity.machine.decider import (
    MACHINE,
    Machine,
    MachineAlreadyOpened,
    MachineEnded,
    given_on,
)
from services.identity.machine.scopes import NoSuchScope
from shared.refusals import NotFound
from shared.testing import Story

machine: Story[AnyMachineCommand, Machine, MachineEvent] = Story(MACHINE)
ID = UUID("01970000-0000-7000-8000-0000000000c1")
APRIL_22, APRIL_30, MAY_1 = date(2019, 4, 22), date(2019, 4, 30), date(2019, 5, 1)
BOTH = frozenset({"read", "report"})
DISABLED = MachineDisabled(machine_id=ID, reason="停机改造")
CLOSED = MachineClosed(machine_id=ID, reason="系统下线")


def opening(
    role: str = "county_reporter",
    scopes: frozenset[str] = BOTH,
    *,
    sides: frozenset[Side | None] = frozenset(),
    stands: bool = True,
    until: date | None = None,
) -> OpenMachine:
    post = Wanted(role, "JC-ZZ", None, APRIL_22, until, side_of(role), stands)
    return OpenMachine(ID, post, scopes, "推送企业投资项目", "泽政办函〔2019〕21号", sides)


def opened(until: date | None = None) -> MachineOpened:
    return MachineOpened(
        machine_id=ID,
        role="county_reporter",
        organisation_id="JC-ZZ",
        scopes=("read", "report"),
        purpose="推送企业投资项目",
        basis="泽政办函〔2019〕21号",
        valid_from=APRIL_22,
        valid_to=until,
    )


def rotated(overlap_hours: int = 24) -> MachineSecretRotated:
    return MachineSecretRotated(machine_id=ID, overlap_hours=overlap_hours)


def change(*scopes: str) -> ChangeScopes:
    return ChangeScopes(ID, frozenset(scopes))


def disable() -> AnyMachineCommand:
    return DisableMachine(ID, "停机改造")


def enable() -> AnyMachineCommand:
    return EnableMachine(ID)


def close() -> AnyMachineCommand:
    return CloseMachine(ID, "系统下线")


def rotate() -> AnyMachineCommand:
    return RotateSecret(ID, 24)


def revoke() -> AnyMachineCommand:
    return RevokeSecret(ID)


def test_a_machine_account_is_opened_once_with_one_post_and_its_scopes() -> None:
    machine.when(opening()).then(opened())
    machine.given(opened()).when(opening()).then_refused(MachineAlreadyOpened)
    machine.when(opening(stands=False)).then_refused(NoSuchOrganisation)


def test_a_machine_account_is_given_only_what_its_role_may_do() -> None:
    for role, scopes in (
        ("county_reporter", {"report", "first_review"}),
        ("county_reporter", {"anything"}),
        ("county_reporter", set()),
        ("approver", {"report"}),
    ):
        machine.when(opening(role, frozenset(scopes))).then_refused(NoSuchScope)
    machine.given(opened()).when(change("final_review")).then_refused(NoSuchScope)


def test_no_machine_account_keeps_accounts() -> None:
    refusal = machine.when(opening("admin", frozenset({"administer"}))).then_refused(NoSuchScope)
    assert refusal.more["possible"] == ["keep_calendar", "load_opening", "operate", "read"]


def test_changed_scopes_hold_and_the_same_again_is_nothing_new() -> None:
    fewer = MachineScopesChanged(machine_id=ID, scopes=("read",))
    machine.given(opened()).when(change("read")).then(fewer)
    machine.given(opened()).when(change("report", "read")).then_nothing()
    held = given_on(machine.given(opened(), fewer).state, APRIL_22)
    assert held is not None
    assert held.scopes == {"read"}


@pytest.mark.parametrize(
    ("role", "act", "there"),
    [("county_reporter", "report", "approves"), ("city_reviewer", "first_review", "fills")],
)
def test_the_machines_of_a_unit_do_not_both_fill_in_and_approve(
    role: str, act: str, there: Side
) -> None:
    asked = opening(role, frozenset({act}), sides=frozenset({there}))
    machine.when(asked).then_refused(FillsAndApproves)


def test_two_machines_of_a_unit_on_the_same_side_are_no_conflict() -> None:
    machine.when(opening(sides=frozenset({"fills", "", None}))).then(opened())


def test_each_rotation_is_a_fact_of_its_own() -> None:
    machine.given(opened()).when(rotate()).then(rotated())
    machine.given(opened(), rotated()).when(rotate()).then(rotated())


def test_the_secret_before_is_revoked_while_it_holds_and_only_then() -> None:
    revoked = MachineSecretRevoked(machine_id=ID)
    machine.given(opened()).when(revoke()).then_nothing()
    machine.given(opened(), rotated()).when(revoke()).then(revoked)
    machine.given(opened(), rotated(), revoked).when(revoke()).then_nothing()
    machine.given(opened(), rotated(0)).when(revoke()).then_nothing()


def test_a_disabled_machine_account_gets_nothing_until_it_is_enabled() -> None:
    machine.given(opened()).when(disable()).then(DISABLED)
    away = machine.given(opened(), DISABLED)
    away.when(disable()).then_nothing()
    assert given_on(away.state, APRIL_22) is None
    away.when(enable()).then(MachineEnabled(machine_id=ID))
    back = away.given(MachineEnabled(machine_id=ID))
    back.when(enable()).then_nothing()
    assert given_on(back.state, APRIL_22) is not None


def test_a_disabled_machine_account_still_gets_other_scopes_and_another_secret() -> None:
    away = machine.given(opened(), DISABLED)
    away.when(rotate()).then(rotated())
    away.when(change("read")).then(MachineScopesChanged(machine_id=ID, scopes=("read",)))


def test_a_closed_machine_account_stays_closed() -> None:
    machine.given(opened()).when(close()).then(CLOSED)
    machine.given(opened(), DISABLED).when(close()).then(CLOSED)
    gone = machine.given(opened(), CLOSED)
    gone.when(close()).then_nothing()
    for asked in (disable(), enable(), rotate(), revoke(), change("read")):
        gone.when(asked).then_refused(MachineEnded)
    assert given_on(gone.state, APRIL_22) is None


@pytest.mark.parametrize("ask", [disable, enable, close, rotate, revoke])
def test_what_is_not_there_cannot_be_acted_on(ask: Callable[[], AnyMachineCommand]) -> None:
    machine.when(ask()).then_refused(NotFound)


def test_a_machine_account_is_let_in_from_its_first_day_to_its_last() -> None:
    state = machine.given(opened(until=APRIL_30)).state
    assert given_on(state, date(2019, 4, 21)) is None
    assert given_on(state, APRIL_22) is not None
    assert given_on(state, APRIL_30) is not None
    assert given_on(state, MAY_1) is None
