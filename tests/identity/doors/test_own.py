"""Everybody changes his own password, sees his own sign-ins, and signs out everywhere."""

import pytest

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.password_rules import refuse_weak
from shared.refusals import UnreadableInput
from tests.identity.conftest import Office, asked_by

GOOD = "Tai-hang-shan-8"


async def test_everybody_changes_his_own_password_with_the_old_one(office: Office) -> None:
    window = await office.come_in("zezhou")
    body = {"password": EXAMPLE_PASSWORD, "new_password": GOOD}
    answer = await office.ask("zezhou", "POST", "/own/password", body)
    assert answer.status_code == 204
    assert (await window.refresh()).status_code == 400
    assert (await window.exchange()).status_code == 400
    assert (await office.knock("zezhou", EXAMPLE_PASSWORD)).status_code == 401
    assert (await office.sign_in("zezhou", GOOD)).status_code == 200
    account = await office.account("zezhou")
    envelope, fact = (await office.facts(f"account-{account}"))[-1]
    assert fact["kind"] == "identity.account.password_changed.v1"
    assert envelope["actoraccount"] == str(account)


async def test_a_wrong_old_password_changes_nothing_and_counts_as_a_try(office: Office) -> None:
    body = {"password": "wrong", "new_password": GOOD}
    answer = await office.ask("zezhou", "POST", "/own/password", body)
    assert (answer.status_code, answer.json()["tries_left"]) == (401, 4)
    assert (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).status_code == 200


async def test_the_new_password_is_another_one(office: Office) -> None:
    changed = {"password": EXAMPLE_PASSWORD, "new_password": GOOD}
    await office.ask("zezhou", "POST", "/own/password", changed)
    same = {"password": GOOD, "new_password": GOOD}
    answer = await office.ask("zezhou", "POST", "/own/password", same, password=GOOD)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "same")


async def test_everybody_sees_his_own_sign_ins_and_nobody_elses(office: Office) -> None:
    await office.sign_in("gaoping", "wrong")
    await office.sign_in("zezhou", "wrong")
    shown = (await office.ask("zezhou", "GET", "/own")).json()
    assert shown["username"] == "zezhou"
    assert [one["result"] for one in shown["sign_ins"]] == ["SIGNED_IN", "WRONG"]


async def test_signing_out_everywhere_ends_every_session_of_ones_own(office: Office) -> None:
    windows = [await office.come_in("zezhou") for _ in range(2)]
    other = await office.come_in("gaoping")
    await office.carry_out("zezhou", "/own/sign-out")
    for window in windows:
        assert (await window.refresh()).status_code == 400
        assert (await window.exchange()).status_code == 400
        again = await window.browser.get("/authorize", params=asked_by())
        assert 'name="password"' in again.text
    assert (await other.refresh()).status_code == 200


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("kP9-vx2Q", "too_short"),
        ("1234567890", "common"),
        ("qwertyuiop", "common"),
        ("1qaz2wsx3edc", "common"),
        ("Password123", "common"),
        ("P@ssw0rd2019", "common"),
        ("woaini1314", "common"),
        ("jincheng-2019", "common"),
        ("admin@2024!", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("９８７６５４３２１０", "common"),
        ("ZeZhou-vx2Q-mn", "names_account"),
        ("泽州县报送员-8-vx", "names_account"),
    ],
)
def test_a_password_that_others_would_think_of_is_refused(password: str, rule: str) -> None:
    with pytest.raises(UnreadableInput) as refused:
        refuse_weak(password, "zezhou", "泽州县报送员")
    assert rule in {problem.rule for problem in refused.value.errors}
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password", [GOOD, "青山绿水共为邻里春风", "correct horse battery", "kP9-vx2Q-m7"]
)
def test_a_password_that_nobody_would_think_of_is_taken(password: str) -> None:
    refuse_weak(password, "zezhou", "泽州县报送员")


async def test_everybody_sees_who_is_in_the_same_post_and_nobody_else(office: Office) -> None:
    for who, names in {
        "shichushen": ["shichushen", "shichushen2"],
        "zezhou": ["zezhou"],
    }.items():
        shown = (await office.ask(who, "GET", "/own/colleagues")).json()["colleagues"]
        expected = [str(await office.account(name)) for name in names]
        assert [one["account"] for one in shown] == expected, who
        assert all(set(one) == {"account", "name"} for one in shown)


async def test_who_appoints_agents_finds_them_all_and_a_clerk_none(office: Office) -> None:
    agent = str(await office.account("daiban"))
    for who in ("shichushen", "daiban"):
        shown = (await office.ask(who, "GET", "/own/agents")).json()["agents"]
        assert [(one["account"], one["organisation"]) for one in shown] == [(agent, "D-ASP")]
    assert (await office.ask("zezhou", "GET", "/own/agents")).status_code == 403
