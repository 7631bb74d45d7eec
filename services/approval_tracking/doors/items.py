"""What is done about an item of a plan, over HTTP: parse, look up, ask, answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Path, Response

from contracts.approval_tracking import PlanClosed, PlanEvent, PlanReopened, PlanRevised
from contracts.approval_tracking.item import ItemFact
from services.approval_tracking.approval_plan.commands import Acted, Command, TransferHandling
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.doors.acting import Asker, demand_role, demand_standing
from services.approval_tracking.doors.item_forms import (
    AcceptForm,
    ActForm,
    AskCorrectionsForm,
    CheckCommitmentForm,
    CommitForm,
    CorrectForm,
    DeclineForm,
    ExtendForm,
    FollowUpForm,
    GrantForm,
    HandOverForm,
    PauseForm,
    ReceiveForm,
    RectifyForm,
    RefuseForm,
    ResumeForm,
    RevokeForm,
    TakeForm,
    TransferForm,
    WaiveForm,
    WithdrawForm,
)
from services.approval_tracking.doors.plans import Asks, Door
from services.approval_tracking.policies import policy_of
from shared.commanding import Asking, kept_reply, key_required, replied
from shared.deciding import Ask, Decider, Wrote, handle
from shared.refusals import NotFound, Problem, UnreadableInput
from shared.service import Runtime

ItemCode = Annotated[str, Path(pattern=r"^[A-Z][A-Z0-9]{1,15}$")]
_OF_ITEM = "/plans/{project_id}/items/{item}"
_TAG: list[Any] = ["item"]


def item_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add a route for every act on an item."""
    door = Items(runtime)

    @app.post(f"{_OF_ITEM}/receive", tags=_TAG, summary="收件")
    async def receive(ask: Asks, project_id: UUID, item: ItemCode, body: ReceiveForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/commit", tags=_TAG, summary="登记承诺书")
    async def commit(ask: Asks, project_id: UUID, item: ItemCode, body: CommitForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/accept", tags=_TAG, summary="受理")
    async def accept(ask: Asks, project_id: UUID, item: ItemCode, body: AcceptForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/ask-corrections", tags=_TAG, summary="一次性告知补正")
    async def ask_corrections(
        ask: Asks, project_id: UUID, item: ItemCode, body: AskCorrectionsForm
    ) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/correct", tags=_TAG, summary="提交补正材料")
    async def correct(ask: Asks, project_id: UUID, item: ItemCode, body: CorrectForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/decline", tags=_TAG, summary="不予受理")
    async def decline(ask: Asks, project_id: UUID, item: ItemCode, body: DeclineForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/grant", tags=_TAG, summary="办结")
    async def grant(ask: Asks, project_id: UUID, item: ItemCode, body: GrantForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/pause", tags=_TAG, summary="停表")
    async def pause(ask: Asks, project_id: UUID, item: ItemCode, body: PauseForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/resume", tags=_TAG, summary="复表")
    async def resume(ask: Asks, project_id: UUID, item: ItemCode, body: ResumeForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/extend", tags=_TAG, summary="延长")
    async def extend(ask: Asks, project_id: UUID, item: ItemCode, body: ExtendForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/refuse", tags=_TAG, summary="不予许可")
    async def refuse(ask: Asks, project_id: UUID, item: ItemCode, body: RefuseForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/follow-up", tags=_TAG, summary="补齐容缺内容")
    async def follow_up(
        ask: Asks, project_id: UUID, item: ItemCode, body: FollowUpForm
    ) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/check-commitment", tags=_TAG, summary="核查承诺兑现")
    async def check(
        ask: Asks, project_id: UUID, item: ItemCode, body: CheckCommitmentForm
    ) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/withdraw", tags=_TAG, summary="撤回申请")
    async def withdraw(ask: Asks, project_id: UUID, item: ItemCode, body: WithdrawForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/revoke", tags=_TAG, summary="撤销")
    async def revoke(ask: Asks, project_id: UUID, item: ItemCode, body: RevokeForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/rectify", tags=_TAG, summary="更正办结信息")
    async def rectify(ask: Asks, project_id: UUID, item: ItemCode, body: RectifyForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/take", tags=_TAG, summary="领取")
    async def take(ask: Asks, project_id: UUID, item: ItemCode, body: TakeForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/hand-over", tags=_TAG, summary="转办、放回")
    async def hand_over(
        ask: Asks, project_id: UUID, item: ItemCode, body: HandOverForm
    ) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/waive", tags=_TAG, summary="免办")
    async def waive(ask: Asks, project_id: UUID, item: ItemCode, body: WaiveForm) -> Response:
        return await door.act(ask, project_id, item, body)

    @app.post(f"{_OF_ITEM}/transfer", tags=_TAG, summary="划转给另一机构")
    async def transfer(ask: Asks, project_id: UUID, item: ItemCode, body: TransferForm) -> Response:
        return await door.act(ask, project_id, item, body)


class Items(Door):
    """What stands behind the routes of items."""

    async def act(self, ask: Asking, project_id: UUID, code: str, body: ActForm) -> Response:
        """Carry out an act on an item."""
        common = await self.common(ask.actor)
        command = body.command({**common, "project_id": project_id, "item": code})
        demand_role(ask.actor, type(command))
        key_required(ask)
        asker, telling = await self.asker(ask.actor), await self.telling()
        if isinstance(command, TransferHandling):
            await self._demand_office(command)

        def reply(wrote: Wrote[PlanState, PlanEvent]) -> bytes:
            return kept_reply(200, telling.reply(project_id, wrote, code), wrote)

        asked: Ask[Command, PlanState, PlanEvent] = Ask(
            stream_of(project_id),
            str(project_id),
            command,
            reply,
            identity=ask.identity,
            if_match=ask.if_match,
            admit=await self.admit_act(asker, command),
        )
        policy = policy_of("approval_plan", command.on).sha256
        decider = seen_by_item(code)
        return replied(await handle(self._runtime.journal, decider, asked, ask.under(policy)))

    async def admit_act(self, asker: Asker, command: Acted) -> Callable[[PlanState], None]:
        """Give what refuses an act to whom the plan or the item is none, or another's."""
        look, units = await self.look(asker, command.project_id), await self.units()

        def admit(state: PlanState) -> None:
            plan = look(state).plan
            item = plan.items.get(command.item)
            if item is None:
                raise NotFound(f"这个项目的审批计划里没有事项 {command.item}。请核对事项编号。")
            demand_standing(type(command), asker, plan, item, units, command.on)

        return admit

    async def _demand_office(self, command: TransferHandling) -> None:
        if (await self.units()).get(command.handling, command.on) is None:
            message = "实施机构不在机构名录中。"
            problem = Problem("handling", "实施机构", "unit_unknown", message, "请选现有的单位。")
            raise UnreadableInput("没有这个单位。", errors=[problem])


def seen_by_item(code: str) -> Decider[Command, PlanState, PlanEvent]:
    """Give the plan's decider for whoever looks at one item.

    Many offices work in one plan at once: what happened to another item since makes nobody's
    version stale.
    """

    def is_elsewhere(fact: PlanEvent) -> bool:
        if isinstance(fact, PlanRevised | PlanClosed | PlanReopened):
            return False
        return PLAN.by_clock(fact) or not isinstance(fact, ItemFact) or fact.item != code

    return replace(PLAN, by_clock=is_elsewhere)
