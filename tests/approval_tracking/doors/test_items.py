"""An item from its receipt to its end, over HTTP: each act once, and told in a clerk's words."""

from typing import Any

import pytest

from tests.approval_tracking.doors.approvals import COMMITTED, Approvals
from tests.intake.doors.office import key, problems

WHY = {"reason": "材料与现场不符", "basis": "行政许可法第三十八条"}
PAUSE = {"procedure": "EXPERT_REVIEW", "reason": "须经专家评审", "expected_days": 10}


async def accepted(approvals: Approvals) -> str:
    """Give a project with an item of the one window (A10) that was accepted."""
    project = await approvals.planned()
    await approvals.act("shenpiju", project, "A01", "grant")
    await approvals.act("daiban", project, "A10", "receive")
    await approvals.act("shenpiju", project, "A10", "accept")
    return project


async def test_an_item_is_handed_in_accepted_and_granted(approvals: Approvals) -> None:
    project = await approvals.planned()
    told = await approvals.act("zezhou", project, "A01", "receive")
    assert told["message"] == (
        "A01 项目赋码已收件，由市行政审批局受理或一次性告知补正，限 5 个工作日，至4月28日（周日）。"
    )
    told = await approvals.act("shenpiju", project, "A01", "accept")
    assert told["message"] == "A01 项目赋码已受理，等待办结，限 1 个工作日，至4月23日（周二）。"
    assert told["term"] == {"clock": "PROMISED", "due": "2019-04-23", "provisional": False}
    told = await approvals.act(
        "shenpiju", project, "A01", "grant", document_number="2019-140525-47-03-000123"
    )
    assert told["message"] == "A01 项目赋码已办结，文号 2019-140525-47-03-000123。"
    assert (told["state"], told["term"]) == ("GRANTED", None)
    assert told["receipt"].startswith("SP-201904-")
    assert await approvals.kinds(project) == ["item_received", "item_accepted", "item_granted"]


async def test_who_did_it_stands_with_the_fact(approvals: Approvals) -> None:
    project = await accepted(approvals)
    envelope, fact = (await approvals.facts(project))[-1]
    told = (envelope["actoraccount"], envelope["actorrole"], envelope["actororg"])
    assert told == ("account-shenpiju", "approver", "D-ASP")
    assert envelope["partitionkey"] == project
    assert envelope["policy"]
    assert fact["kind"] == "approval_tracking.approval_plan.item_accepted.v1"


async def test_corrections_are_asked_once_and_handed_in(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("zezhou", project, "A01", "receive")
    told = await approvals.act(
        "shenpiju", project, "A01", "ask-corrections", corrections=["缺营业执照", "印章不清"]
    )
    assert told["message"] == "A01 项目赋码已一次性告知项目单位补正 2 项，补正前不计时。"
    item = await approvals.item("zezhou", project, "A01")
    assert (item["state"], item["with"], item["since"]) == ("CORRECTING", "JC-ZZ", "2019-04-22")
    told = await approvals.act("zezhou", project, "A01", "correct")
    assert told["state"] == "RECEIVED"
    again = await approvals.ask(
        "shenpiju",
        project,
        "A01",
        "ask-corrections",
        happened_on="2019-04-22",
        corrections=["再补"],
    )
    # Said once already: the very same step on the same day is nothing new, another is refused.
    assert again.json().get("code", "nothing new") in {"corrections_asked_before", "nothing new"}


async def test_what_is_not_accepted_is_told_with_reason_and_basis(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("zezhou", project, "A01", "receive")
    told = await approvals.act("shenpiju", project, "A01", "decline", **WHY)
    assert told["state"] == "REFUSED"
    assert "已作出不予受理的决定" in told["message"]
    told = await approvals.act("zezhou", project, "A01", "receive")
    assert told["state"] == "RECEIVED"


async def test_a_pause_stops_both_clocks_and_they_go_on_afterwards(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("shenpiju", project, "A01", "grant")
    await approvals.act("zezhou", project, "A12", "receive")
    await approvals.act("shenpi", project, "A12", "accept")
    told = await approvals.act("shenpi", project, "A12", "pause", **PAUSE)
    assert (told["state"], told["term"]["due"]) == ("PAUSED", None)
    assert "到期日复表后定" in told["message"]
    item = await approvals.item("shenpi", project, "A12")
    still = {clock["sort"]: clock["stands_still"] for clock in item["clocks"]}
    assert (still["PROMISED"], still["STATUTORY"]) == (True, True)
    refused = await approvals.ask("shenpi", project, "A12", "grant")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_that_state")
    told = await approvals.act("shenpi", project, "A12", "resume")
    assert told["state"] == "ACCEPTED"
    assert told["term"]["due"] is not None


async def test_a_term_is_extended_once_where_the_law_allows_it(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("shenpiju", project, "A01", "grant")
    await approvals.act("shenpi", project, "A12", "receive")
    await approvals.act("shenpi", project, "A12", "accept")
    extend = {"length": 10, "approver": "局长办公会", "reason": "案情复杂"}
    told = await approvals.act("shenpi", project, "A12", "extend", **extend)
    assert told["message"].startswith(
        "A12 供地（划拨决定书或者出让合同）已延长 10 日，限 30 个工作日，至"
    )
    again = await approvals.ask("shenpi", project, "A12", "extend", **extend)
    assert again.json()["code"] == "not_extendable"


async def test_what_is_refused_is_told_with_reason_and_basis(approvals: Approvals) -> None:
    project = await accepted(approvals)
    told = await approvals.act("shenpiju", project, "A10", "refuse", **WHY)
    assert told["state"] == "REFUSED"
    assert "已作出不予许可的决定" in told["message"]


async def test_an_application_is_withdrawn_by_its_unit(approvals: Approvals) -> None:
    project = await accepted(approvals)
    told = await approvals.act("zezhou", project, "A10", "withdraw", reason="方案调整")
    assert told["state"] == "WITHDRAWN"


async def test_a_grant_is_put_right_and_revoked(approvals: Approvals) -> None:
    project = await accepted(approvals)
    await approvals.act("shenpiju", project, "A10", "grant", document_number="晋市审备〔2019〕1号")
    put_right = {"granted_on": "2019-04-22", "document_number": "晋市审备〔2019〕2号"}
    told = await approvals.act(
        "shenpiju", project, "A10", "rectify", reason="文号抄错", **put_right
    )
    assert told["message"] == "A10 项目备案的办结信息已更正，原来的留在记录里。"
    item = await approvals.item("zezhou", project, "A10")
    assert item["document_number"] == "晋市审备〔2019〕2号"
    told = await approvals.act("shenpiju", project, "A10", "revoke", **WHY)
    assert told["state"] == "REVOKED"


async def test_what_is_missing_at_a_grant_is_followed_up(approvals: Approvals) -> None:
    project = await accepted(approvals)
    told = await approvals.act("shenpiju", project, "A10", "grant", follow_up="缺法人签字页")
    assert "容缺办结，待补：缺法人签字页" in told["message"]
    assert told["term"]["clock"] == "FOLLOW_UP"
    told = await approvals.act("shenpiju", project, "A10", "follow-up", note="已补签")
    assert told["message"] == "A10 项目备案的容缺内容已补齐。"


async def test_an_enterprise_commits_itself_and_is_checked(approvals: Approvals) -> None:
    project = await approvals.planned("E-LH", of=COMMITTED, zone_id="Z-JC")
    await approvals.act("shenpiju", project, "A01", "grant")
    told = await approvals.act("lanhua", project, "A06", "commit", document_number="承诺书 1 号")
    assert told["state"] == "COMMITTED"
    assert "视同办结，等待核查兑现，限 " in told["message"]
    check = {"kept": True, "findings": "已按承诺落实节能措施"}
    told = await approvals.act("shenpiju", project, "A06", "check-commitment", **check)
    assert told["message"] == "A06 节能审查的承诺已核查兑现。"
    refused = await approvals.ask("lanhua", project, "A10", "commit")
    assert refused.json()["code"] == "not_committable"


async def test_an_item_is_waived_by_whoever_steers_with_its_basis(approvals: Approvals) -> None:
    project = await approvals.planned()
    basis = {"reason": "城市规划区外", "basis": "市政府专题会议纪要〔2019〕8号"}
    told = await approvals.act("shichushen", project, "B08", "waive", **basis)
    assert told["message"] == "B08 人防工程结建、易地建设审批已免办，后续事项不再等它。"


async def test_another_office_does_it_from_now_on(approvals: Approvals) -> None:
    project = await approvals.planned()
    moved = {"handling": "D-WAT", "reason": "划转收回"}
    told = await approvals.act("daiban", project, "B02", "transfer", **moved)
    assert told["message"] == "B02 水土保持方案审批已划转市水务局办理，主管单位不变。"
    assert (await approvals.item("zezhou", project, "B02"))["handling"] == "D-WAT"
    nowhere = {**moved, "handling": "D-NOWHERE"}
    refused = await approvals.ask("daiban", project, "B02", "transfer", **nowhere)
    assert refused.status_code == 422
    assert problems(refused) == [("handling", "unit_unknown")]


async def test_an_officer_takes_an_item_and_a_colleague_is_refused_it(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("shenpiju", project, "A01", "grant")
    await approvals.act("shenpi", project, "A12", "receive")
    told = await approvals.act("shenpi", project, "A12", "take")
    assert (told["officer"], told["message"][-8:]) == ("account-shenpi", "领取，由你办理。")
    refused = await approvals.ask("shenpi2", project, "A12", "accept")
    assert refused.json()["code"] == "item_taken_by_another"
    over = {"officer": "account-shenpi2", "reason": "出差"}
    told = await approvals.act("shenpi", project, "A12", "hand-over", **over)
    assert told["officer"] == "account-shenpi2"
    await approvals.act("shenpi2", project, "A12", "accept")


async def test_the_units_own_items_are_told_by_the_unit(approvals: Approvals) -> None:
    project = await approvals.planned()
    refused = await approvals.ask("shenpiju", project, "D06", "grant")
    assert refused.status_code == 403
    item = await approvals.item("zezhou", project, "D06")
    (grant,) = (act for act in item["acts"] if act["act"] == "grant")
    assert not grant["open"]
    assert "B01" in grant["needs"]


async def test_an_item_is_not_accepted_before_what_it_comes_after(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("zezhou", project, "A13", "receive")
    refused = await approvals.ask("shenpi", project, "A13", "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "predecessors_open")
    assert "A12" in refused.json()["detail"]


async def test_a_command_repeated_with_its_key_gives_the_same_reply(approvals: Approvals) -> None:
    project = await approvals.planned()
    path, asked = f"/plans/{project}/items/A01/receive", key()
    answers = [
        await approvals.office.ask("zezhou", "POST", path, {}, Idempotency_Key=asked)
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Siku-Wrote"] == answers[1].headers["Siku-Wrote"]
    assert await approvals.kinds(project) == ["item_received"]
    other = {"happened_on": "2019-04-19"}
    reused = await approvals.office.ask("zezhou", "POST", path, other, Idempotency_Key=asked)
    assert reused.json()["code"] == "command_reused"


async def test_a_kept_reply_is_given_though_the_item_has_gone_on(approvals: Approvals) -> None:
    project = await approvals.planned()
    path, asked = f"/plans/{project}/items/A01/receive", key()
    first = await approvals.office.ask("zezhou", "POST", path, {}, Idempotency_Key=asked)
    await approvals.act("shenpiju", project, "A01", "accept")
    again = await approvals.office.ask("zezhou", "POST", path, {}, Idempotency_Key=asked)
    assert again.content == first.content


async def test_an_act_needs_a_key(approvals: Approvals) -> None:
    project = await approvals.planned()
    path = f"/plans/{project}/items/A01/receive"
    answer = await approvals.office.ask("zezhou", "POST", path, {})
    assert problems(answer) == [("Idempotency-Key", "header")]


async def test_what_happened_to_another_item_makes_no_version_stale(approvals: Approvals) -> None:
    project = await approvals.planned()
    seen = (await approvals.plan("shenpi", project))["version"]
    await approvals.act("shenpiju", project, "A01", "grant")

    async def received(item: str) -> Any:
        path, version = f"/plans/{project}/items/{item}/receive", f'"{seen}"'
        return await approvals.office.ask(
            "shenpi", "POST", path, {}, Idempotency_Key=key(), If_Match=version
        )

    assert (await received("A12")).status_code == 200
    path = f"/plans/{project}/items/A12/accept"
    stale = await approvals.office.ask(
        "shenpi", "POST", path, {}, Idempotency_Key=key(), If_Match=f'"{seen}"'
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


async def test_a_revised_plan_makes_every_version_stale(approvals: Approvals) -> None:
    project = await approvals.planned()
    seen = (await approvals.plan("shenpi", project))["version"]
    stated = {"management": "FILING", "flow": "SX", "land_mode": "GRANTED", "reason": "小型项目"}
    path = f"/plans/{project}/circumstances"
    await approvals.office.ask("zezhou", "POST", path, stated, Idempotency_Key=key())
    path, version = f"/plans/{project}/items/A12/receive", f'"{seen}"'
    stale = await approvals.office.ask(
        "shenpi", "POST", path, {}, Idempotency_Key=key(), If_Match=version
    )
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("ask-corrections", {"corrections": []}, "corrections"),
        ("decline", {"reason": "", "basis": "依据"}, "reason"),
        ("pause", {**PAUSE, "expected_days": 0}, "expected_days"),
        ("pause", {**PAUSE, "notice": "电话 0356-2198345"}, "notice"),
        ("grant", {"document_number": "x" * 101}, "document_number"),
        ("grant", {"happened_on": "昨天"}, "happened_on"),
        ("hand-over", {"officer": "张 三", "reason": "出差"}, "officer"),
    ],
)
async def test_what_is_filled_in_wrong_is_said_at_its_field(
    approvals: Approvals, act: str, body: dict[str, Any], field: str
) -> None:
    project = await accepted(approvals)
    answer = await approvals.ask("shenpiju", project, "A10", act, **body)
    assert answer.status_code == 422, answer.text
    assert {name for name, _ in problems(answer)} == {field}


async def test_a_day_that_has_not_come_is_refused(approvals: Approvals) -> None:
    project = await approvals.planned()
    answer = await approvals.ask("zezhou", project, "A01", "receive", happened_on="2019-04-30")
    assert (answer.status_code, answer.json()["code"]) == (422, "in_the_future")
