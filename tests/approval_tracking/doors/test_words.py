"""What a reply says after an act: what was done, to whom it goes, within how long, until when."""

from datetime import date

from contracts.approval_tracking import ClockSort, ItemState
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AskCorrections,
    Command,
    Commit,
    Grant,
    HandOver,
    Pause,
    Receive,
    Resume,
    Revoke,
    TransferHandling,
)
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.doors.outcomes import Telling
from shared.deciding import Wrote
from tests.approval_tracking.plans import APRIL_22, APRIL_23, PROJECT, act, after, draw_up
from tests.shared.told_units import units

TELLING = Telling(units(), APRIL_22)
BEGUN: tuple[Command, ...] = (draw_up(), act(Grant, "A01"))


def reply(*commands: Command, item: str = "A10") -> dict[str, object]:
    """Give the reply to the last of some commands."""
    story = after(*BEGUN, *commands[:-1])
    facts = PLAN.decide(commands[-1], story.state)
    state = story.state
    for fact in facts:
        state = PLAN.evolve(state, fact)
    return TELLING.reply(PROJECT, Wrote("approval-1", 7, facts, state), item)


def test_a_receipt_names_the_office_and_the_days_that_it_has() -> None:
    told = reply(act(Receive, "A10"))
    assert told["message"] == (
        "A10 事项A10已收件，由市规划和自然资源局受理或一次性告知补正，"
        "限 5 个工作日，至4月28日（周日）。"
    )
    assert told["state"] is ItemState.RECEIVED
    assert told["receipt"] == "SP-201904-0190D3A4-7"


def test_an_acceptance_names_the_promised_term_and_its_last_day() -> None:
    told = reply(act(Receive, "A10"), act(Accept, "A10"))
    assert told["message"] == "A10 事项A10已受理，等待办结，限 10 个工作日，至5月7日（周二）。"
    assert told["term"] == {
        "clock": ClockSort.PROMISED,
        "due": date(2019, 5, 7),
        "provisional": False,
    }


def test_corrections_say_that_the_clock_waits() -> None:
    asked = act(AskCorrections, "A10", corrections=("缺用地红线图", "印章不清"))
    told = reply(act(Receive, "A10"), asked)
    assert told["message"] == "A10 事项A10已一次性告知项目单位补正 2 项，补正前不计时。"


def test_a_pause_says_from_when_and_that_the_last_day_comes_later() -> None:
    running = (act(Receive, "A10"), act(Accept, "A10"))
    paused = act(Pause, "A10", procedure="EXPERTS", reason="专家评审", expected_days=10)
    told = reply(*running, paused)
    assert told["message"] == (
        "A10 事项A10已停表，自4月22日（周一）起不计时，预计 10 个工作日；到期日复表后定。"
    )
    assert told["term"] == {"clock": ClockSort.PROMISED, "due": None, "provisional": False}
    resumed = reply(*running, paused, act(Resume, "A10", APRIL_23))
    assert "已复表，继续计时，限 10 个工作日，至" in str(resumed["message"])


def test_what_completes_a_stage_says_so() -> None:
    steps = (act(Receive, "A10"), act(Accept, "A10"), act(Commit, "A06"))
    told = reply(*steps, act(Grant, "A10", document_number="晋市发改备〔2019〕12号"))
    assert told["message"] == (
        "A10 事项A10已办结，文号 晋市发改备〔2019〕12号。立项用地规划许可阶段已全部办结。"
    )


def test_a_grant_with_something_missing_says_until_when_it_is_to_be_there() -> None:
    told = reply(
        act(Receive, "A10"), act(Accept, "A10"), act(Grant, "A10", follow_up="缺土地证复印件")
    )
    assert "容缺办结，待补：缺土地证复印件，限 10 个工作日，至" in str(told["message"])


def test_the_same_once_more_says_that_nothing_changed() -> None:
    assert (
        reply(act(Receive, "A10"), act(Receive, "A10"))["message"] == "没有变化：这一步已经办过。"
    )


def test_what_goes_to_another_names_him_or_the_office() -> None:
    received = act(Receive, "A10")
    back = reply(received, act(HandOver, "A10", officer="a-2", reason="出差"))
    assert back["message"] == "A10 事项A10已转办给同事。"
    moved = reply(received, act(TransferHandling, "A10", handling="D-ASP", reason="划转"))
    assert moved["message"] == "A10 事项A10已划转市行政审批局办理，主管单位不变。"


def test_what_is_revoked_stays_on_record() -> None:
    steps = (act(Receive, "A10"), act(Accept, "A10"), act(Grant, "A10"))
    told = reply(*steps, act(Revoke, "A10", reason="材料不实", basis="行政许可法第六十九条"))
    assert told["message"] == "A10 事项A10已撤销，原来的办结留在记录里。"
