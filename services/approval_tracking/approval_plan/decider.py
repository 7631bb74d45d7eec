"""What may happen to a project's plan of approvals: which decision answers which command."""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.approval_tracking import (
    ItemClocksMoved,
    ItemOverdue,
    ItemSoonOverdue,
    PauseOverrun,
    PlanEvent,
)
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AppointAgent,
    AskCorrections,
    CheckCommitment,
    ClosePlan,
    Command,
    Commit,
    Correct,
    DeclineAcceptance,
    DrawUpPlan,
    Extend,
    FlagStart,
    FollowUp,
    Grant,
    HandOver,
    Pause,
    Receive,
    RecountClocks,
    Rectify,
    Refuse,
    ReleaseAgent,
    ReopenPlan,
    Resume,
    RevisePlan,
    Revoke,
    StateCircumstances,
    Take,
    TellDue,
    TransferHandling,
    Waive,
    Withdraw,
)
from services.approval_tracking.approval_plan.committing import check_commitment, commit
from services.approval_tracking.approval_plan.evolving import evolve
from services.approval_tracking.approval_plan.granting import (
    follow_up,
    grant,
    rectify,
    refuse,
    revoke,
    waive,
    withdraw,
)
from services.approval_tracking.approval_plan.milestones import reached
from services.approval_tracking.approval_plan.pausing import extend, pause, resume
from services.approval_tracking.approval_plan.planning import (
    appoint,
    close,
    draw_up,
    release,
    reopen,
    revise,
    state_circumstances,
)
from services.approval_tracking.approval_plan.receiving import (
    accept,
    ask_corrections,
    correct,
    decline_acceptance,
    receive,
)
from services.approval_tracking.approval_plan.sharing import hand_over, take, transfer
from services.approval_tracking.approval_plan.starting import flag_start
from services.approval_tracking.approval_plan.states import INITIAL, NotDrawn, PlanState
from services.approval_tracking.approval_plan.timekeeping import recount_clocks, tell_due
from shared.deciding import Decider


def decide(command: Command, plan: PlanState) -> Sequence[PlanEvent]:
    """Answer a command, and tell what the plan has reached by it."""
    facts = _decided(command, plan)
    match command:
        case ClosePlan() | ReopenPlan() | AppointAgent() | ReleaseAgent() | FlagStart():
            return facts
        case _ if not facts:
            return facts
        case _:
            for fact in facts:
                plan = evolve(plan, fact)
    if isinstance(plan, NotDrawn):
        return facts
    return [*facts, *reached(command.project_id, plan, command.on, command.days)]


def _decided(command: Command, plan: PlanState) -> Sequence[PlanEvent]:
    match command:
        case DrawUpPlan():
            return draw_up(command, plan)
        case RevisePlan():
            return revise(command, plan)
        case StateCircumstances():
            return state_circumstances(command, plan)
        case ClosePlan():
            return close(command, plan)
        case ReopenPlan():
            return reopen(command, plan)
        case AppointAgent():
            return appoint(command, plan)
        case ReleaseAgent():
            return release(command, plan)
        case FlagStart():
            return flag_start(command, plan)
        case TellDue():
            return tell_due(command, plan)
        case RecountClocks():
            return recount_clocks(command, plan)
        case Receive():
            return receive(command, plan)
        case AskCorrections():
            return ask_corrections(command, plan)
        case Correct():
            return correct(command, plan)
        case Accept():
            return accept(command, plan)
        case DeclineAcceptance():
            return decline_acceptance(command, plan)
        case Pause():
            return pause(command, plan)
        case Resume():
            return resume(command, plan)
        case Extend():
            return extend(command, plan)
        case Grant():
            return grant(command, plan)
        case FollowUp():
            return follow_up(command, plan)
        case Refuse():
            return refuse(command, plan)
        case Withdraw():
            return withdraw(command, plan)
        case Revoke():
            return revoke(command, plan)
        case Commit():
            return commit(command, plan)
        case CheckCommitment():
            return check_commitment(command, plan)
        case Waive():
            return waive(command, plan)
        case Rectify():
            return rectify(command, plan)
        case Take():
            return take(command, plan)
        case HandOver():
            return hand_over(command, plan)
        case TransferHandling():
            return transfer(command, plan)
        case _:
            assert_never(command)


def by_clock(event: PlanEvent) -> bool:
    """Tell the facts that nobody did: they refuse nobody who has the plan open."""
    return isinstance(event, ItemSoonOverdue | ItemOverdue | ItemClocksMoved | PauseOverrun)


def stream_of(project_id: UUID) -> str:
    """Give the stream of a project's plan."""
    return f"approval-{project_id}"


def project_of(stream: str) -> UUID:
    """Give the project of a plan's stream."""
    return UUID(stream.removeprefix("approval-"))


PLAN: Decider[Command, PlanState, PlanEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[PlanEvent, Field(discriminator="kind")]),
    by_clock=by_clock,
)
