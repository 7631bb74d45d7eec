"""Intake's HTTP door: parse, look up, ask, answer. No rule of the domain is decided here."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid5

import orjson
from fastapi import Depends, FastAPI, Query, Request, Response

from contracts.intake import Holder, ProjectFacts
from services.intake.adapters.contacts import find_contact, keeping, masked, unmasked
from services.intake.adapters.evidence import keeping as papers_kept
from services.intake.adapters.evidence import of_project
from services.intake.doors.acting import by, ended, own_unit
from services.intake.doors.beside import DossierAsk, judged_beside, works_of
from services.intake.doors.comparing import Suspects, suspects_of_new
from services.intake.doors.evidence import evidence_of
from services.intake.doors.forms import (
    BulkReviewForm,
    DiscardForm,
    FinalReviewForm,
    FirstReviewForm,
    HandOverForm,
    NewProjectForm,
    ProjectForm,
    ReviewedProject,
    TakeForm,
    WithdrawForm,
    in_ten_thousands,
)
from services.intake.doors.move_forms import ReportOrEnterForm
from services.intake.doors.outcomes import days_of, outcome
from services.intake.dossier import (
    DOSSIER,
    Dossier,
    DossierCommand,
    DossierEvent,
    row_of,
    stream_of,
)
from services.intake.policies import form_of, move_rules_of, policy_of, terms_on
from services.intake.project import decider as project_room
from services.intake.project.commands import By, DiscardProject, DraftProject, ReviseProject
from services.intake.project.rules import LABELS, Contact, findings
from services.intake.review.commands import (
    DirectEntry,
    HandOver,
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    TakeReview,
    Verdict,
    WithdrawReport,
)
from services.intake.review.states import open_term, stage_of
from services.intake.review.terms import Terms
from services.intake.views.units import UNITS
from services.intake.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deciding import Ask, Asked, Command, LeftUndone, Wrote, handle_many, new_id
from shared.journal import digest
from shared.postgres import Connection
from shared.refusals import NotAllowed, NotFound, Problem, Refusal, UnreadableInput
from shared.scope import PROJECT_SCOPES, Act, may
from shared.seeing import Reader
from shared.service import Runtime
from shared.tokens import Actor, actor_of
from shared.units import Units

PROJECTS = UUID("6f0b3a52-6a0e-5c1d-9d58-0c3a5f1f7b11")
"""The name space in which a command's id names the project that it begins."""

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]


def routes(app: FastAPI, runtime: Runtime) -> None:
    """Add intake's routes."""
    door = Door(runtime)

    @app.post("/projects", status_code=201, tags=["project"], summary="建档，或建档并报送")
    async def begin(
        ask: Asks, body: NewProjectForm, report: Annotated[bool, Query()] = False
    ) -> Response:
        return await door.begin(ask, body, report=report)

    @app.put("/projects/{project_id}", tags=["project"], summary="修改草稿或退回件")
    async def revise(ask: Asks, project_id: UUID, body: ProjectForm) -> Response:
        return await door.revise(ask, project_id, body)

    @app.post("/projects/{project_id}/discard", tags=["project"], summary="撤销草稿")
    async def discard(ask: Asks, project_id: UUID, _: DiscardForm) -> Response:
        command = DiscardProject(project_id=project_id, by=await door.by(ask))
        return await door.carry_out(ask, project_id, command, "report", "project")

    @app.post("/projects/{project_id}/report", tags=["review"], summary="报送、补正后重报")
    async def report(ask: Asks, project_id: UUID, body: ReportOrEnterForm) -> Response:
        return await door.report(ask, project_id, body)

    @app.post("/projects/{project_id}/withdraw", tags=["review"], summary="初审前撤回")
    async def withdraw(ask: Asks, project_id: UUID, body: WithdrawForm) -> Response:
        command = WithdrawReport(project_id=project_id, by=await door.by(ask), reason=body.reason)
        return await door.carry_out(ask, project_id, command, "report", "review")

    @app.post("/projects/{project_id}/first-review", tags=["review"], summary="市级初审")
    async def review_first(ask: Asks, project_id: UUID, body: FirstReviewForm) -> Response:
        command = ReviewFirst(
            project_id=project_id,
            by=await door.by(ask),
            verdict=body.verdict,
            on_revision=body.on_revision,
            terms=await door.terms(),
            opinion=body.opinion,
            remarks=tuple(remark.remark() for remark in body.remarks),
            suspects=(await door.suspects(body.verdict, project_id)).get(project_id, ()),
        )
        return await door.carry_out(ask, project_id, command, "first_review", "review")

    @app.post("/projects/{project_id}/final-review", tags=["review"], summary="省级审核")
    async def review_finally(ask: Asks, project_id: UUID, body: FinalReviewForm) -> Response:
        command = ReviewFinally(
            project_id=project_id,
            by=await door.by(ask),
            verdict=body.verdict,
            on_revision=body.on_revision,
            on=runtime.clock.today(),
            terms=await door.terms(),
            opinion=body.opinion,
            to=body.to,
            remarks=tuple(remark.remark() for remark in body.remarks),
            document_number=body.document_number,
            suspects=(await door.suspects(body.verdict, project_id)).get(project_id, ()),
        )
        return await door.review_finally(ask, project_id, command)

    @app.post("/projects/{project_id}/take", tags=["review"], summary="领取待审的一件")
    async def take(ask: Asks, project_id: UUID, _: TakeForm) -> Response:
        act, level = level_of(ask.actor)
        command = TakeReview(project_id=project_id, by=await door.by(ask), level=level)
        return await door.carry_out(ask, project_id, command, act, "review")

    @app.post("/projects/{project_id}/hand-over", tags=["review"], summary="转办、放回待审的一件")
    async def hand_over(ask: Asks, project_id: UUID, body: HandOverForm) -> Response:
        act, level = level_of(ask.actor)
        command = HandOver(
            project_id=project_id,
            by=await door.by(ask),
            level=level,
            handed_to=body.handed_to,
            reason=body.reason,
        )
        return await door.carry_out(ask, project_id, command, act, "review")

    @app.post("/reviews/first", tags=["review"], summary="批量初审")
    async def review_many_first(ask: Asks, body: BulkReviewForm) -> Response:
        terms, who = await door.terms(), await door.by(ask)
        suspects = await door.suspects(body.verdict, *(one.project_id for one in body.projects))

        def command(one: ReviewedProject) -> DossierCommand:
            return ReviewFirst(
                project_id=one.project_id,
                by=who,
                verdict=body.verdict,
                on_revision=one.on_revision,
                terms=terms,
                opinion=body.opinion,
                suspects=suspects.get(one.project_id, ()),
            )

        return await door.review_many(ask, body, "first_review", command)

    @app.post("/reviews/final", tags=["review"], summary="批量审核")
    async def review_many_finally(ask: Asks, body: BulkReviewForm) -> Response:
        terms, who = await door.terms(), await door.by(ask)
        suspects = await door.suspects(body.verdict, *(one.project_id for one in body.projects))

        def command(one: ReviewedProject) -> DossierCommand:
            return ReviewFinally(
                project_id=one.project_id,
                by=who,
                verdict=body.verdict,
                on_revision=one.on_revision,
                on=runtime.clock.today(),
                terms=terms,
                opinion=body.opinion,
                to=body.to,
                suspects=suspects.get(one.project_id, ()),
            )

        return await door.review_many(ask, body, "final_review", command)

    @app.get("/projects/{project_id}", tags=["project"], summary="按表式读取一个项目")
    async def read(actor: Who, project_id: UUID, request: Request) -> Response:
        version, dossier = await door.visible(actor, project_id)
        etag = f'"{version}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        contact = await door.shown_contact(dossier)
        return json_reply(_as_form(project_id, dossier, contact, version), {"ETag": etag})

    @app.post("/check", tags=["project"], summary="只核对，不写入")
    async def check(actor: Who, body: NewProjectForm, project: UUID | None = None) -> Response:
        demand_act(actor, "report")
        contact = body.contact_as_typed()
        if project is not None:
            contact = unmasked(contact, await door.own_contact(actor, project))
        results = findings(body.facts(None), form_of(runtime.clock.today(), contact), complete=True)
        return json_reply(
            {
                "errors": [vars(f.problem) for f in results if not f.hint],
                "hints": [vars(f.problem) for f in results if f.hint],
            }
        )


class Door:
    """What intake's routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def begin(self, ask: Asking, body: NewProjectForm, *, report: bool) -> Response:
        demand_act(ask.actor, "report")
        # The command's id names the project, so a command that is repeated after a cut
        # connection meets its own stream.
        project_id = uuid5(PROJECTS, key_required(ask))
        today = self._runtime.clock.today()
        contact = body.contact_as_typed()
        contact_id = new_id() if contact else None
        form = form_of(today, contact)
        units = await self.units()
        unit, who = own_unit(ask.actor, units, today), by(ask.actor, units, today)
        commands: list[DossierCommand] = [
            DraftProject(
                project_id=project_id,
                by=who,
                not_secret=body.not_secret,
                owner_name=unit.short_name,
                ended=ended(unit, units, today),
                facts=body.facts(contact_id),
                form=form,
            )
        ]
        if report:
            commands.append(
                ReportProject(
                    project_id=project_id,
                    by=who,
                    on=today,
                    form=form,
                    terms=await self.terms(),
                    not_secret=body.not_secret,
                    accepted_hints=tuple(body.accepted_hints),
                )
            )
        return await self.handle(
            ask,
            project_id,
            commands,
            "project",
            status=201,
            also=self.keeping(contact_id, contact, project_id, ask),
        )

    async def revise(self, ask: Asking, project_id: UUID, body: ProjectForm) -> Response:
        demand_act(ask.actor, "report")
        _, dossier = await self.visible(ask.actor, project_id)
        who = await self.by(ask)
        project = project_room.owned(dossier.project, who)
        known = await find_contact(self._runtime.pool, project.facts.contact_id)
        contact = unmasked(body.contact_as_typed(), known)
        same = contact == known
        contact_id = project.facts.contact_id if same else (new_id() if contact else None)
        command = ReviseProject(
            project_id=project_id,
            by=who,
            not_secret=body.not_secret,
            facts=body.facts(contact_id),
            form=form_of(self._runtime.clock.today(), contact),
        )
        return await self.handle(
            ask,
            project_id,
            [command],
            "project",
            also=None if same else self.keeping(contact_id, contact, project_id, ask),
        )

    async def report(self, ask: Asking, project_id: UUID, body: ReportOrEnterForm) -> Response:
        demand_act(ask.actor, "report")
        _, dossier = await self.visible(ask.actor, project_id)
        today, units = self._runtime.clock.today(), await self.units()
        who = by(ask.actor, units, today)
        project = project_room.owned(dossier.project, who)
        contact = await find_contact(self._runtime.pool, project.facts.contact_id)
        entry = await self.entry(ask, project_id, body) if body.transition else None
        command = ReportProject(
            project_id=project_id,
            by=who,
            on=today,
            form=form_of(today, contact),
            terms=await self.terms(),
            not_secret=body.not_secret,
            accepted_hints=tuple(body.accepted_hints),
            ended=ended(units.known(project.owner_org, today), units, today),
            entry=entry,
        )
        owner = of_project(project_id)
        papers = entry.evidence if entry else ()
        return await self.handle(
            ask,
            project_id,
            [command],
            "move" if entry else "project",
            also=papers_kept(papers, ask.actor.org, owner, ask.cause.now),
        )

    async def entry(self, ask: Asking, project_id: UUID, body: ReportOrEnterForm) -> DirectEntry:
        """Read which way into a later pool is asked for.

        Raises:
            UnreadableInput: there is no such way, or a paper is none.
        """
        rules = move_rules_of(self._runtime.clock.today())
        way = rules.entries.get(body.transition or "")
        if way is None:
            message = f"没有“{body.transition}”这种入库方式。"
            raise UnreadableInput(
                message,
                errors=[
                    Problem(
                        "transition",
                        LABELS["transition"],
                        "unknown_transition",
                        message,
                        "请选一种。",
                    )
                ],
            )
        return DirectEntry(
            way=way,
            rules=rules,
            reason=body.reason,
            works=await works_of(self._runtime.journal, project_id),
            evidence=await evidence_of(self._runtime, ask, body.evidence, of_project(project_id)),
        )

    async def carry_out(
        self, ask: Asking, project_id: UUID, command: DossierCommand, act: Act, room: str
    ) -> Response:
        demand_act(ask.actor, act)
        return await self.handle(
            ask, project_id, [command], room, admit=await self.admit(ask.actor)
        )

    async def review_finally(
        self, ask: Asking, project_id: UUID, command: ReviewFinally
    ) -> Response:
        demand_act(ask.actor, "final_review")
        journal = self._runtime.journal
        # Whether he may see it is asked with the command: sent again, it may have left his sight.
        history = await journal.load(stream_of(project_id))
        dossier = DOSSIER.fold(history.payloads)
        command, others = await judged_beside(journal, ask, command, dossier)
        admit = await self.admit(ask.actor)
        return await self.handle(ask, project_id, [command], "review", admit=admit, others=others)

    async def review_many(
        self,
        ask: Asking,
        body: BulkReviewForm,
        act: Act,
        command: Callable[[ReviewedProject], DossierCommand],
    ) -> Response:
        """Review several projects, one command each; say what went through and what did not."""
        demand_act(ask.actor, act)
        key, admit = key_required(ask), await self.admit(ask.actor)
        spelled = digest(body.model_dump_json(exclude={"projects"}).encode())
        unique = {one.project_id: one for one in body.projects}
        asks: list[Ask[Sequence[DossierCommand], Dossier, DossierEvent]] = [
            Ask(
                stream_of(project_id),
                str(project_id),
                (command(one),),
                lambda wrote: wrote.token.encode(),
                identity=Command(f"{key}:{project_id}:{one.on_revision}", spelled),
                admit=admit,
            )
            for project_id, one in unique.items()
        ]
        policy = policy_of("review", self._runtime.clock.today()).sha256
        outcomes = await handle_many(self._runtime.journal, DOSSIER, asks, ask.under(policy))
        done = [o.reply.decode() for o in outcomes if isinstance(o, Asked)]
        refused = [
            {"project_id": str(project_id), "code": outcome.code, "why": _why(outcome)}
            for project_id, outcome in zip(unique, outcomes, strict=True)
            if isinstance(outcome, Refusal)
        ]
        repeated = sum(isinstance(o, Asked) and o.wrote is None for o in outcomes)
        begun = [
            running.term
            for o in outcomes
            if isinstance(o, Asked) and o.wrote and (running := open_term(o.wrote.state.review))
        ]
        return json_reply(
            {
                "done": len(done),
                "repeated": repeated,
                "wrote": done,
                "refused": refused,
                "term": days_of(begun[0]) if begun else None,
            }
        )

    async def handle(
        self,
        ask: Asking,
        project_id: UUID,
        commands: Sequence[DossierCommand],
        room: str,
        *,
        status: int = 200,
        also: Callable[[Connection], Awaitable[None]] | None = None,
        admit: Callable[[Dossier], None] | None = None,
        others: Sequence[DossierAsk] = (),
    ) -> Response:
        """Carry commands out on a project; with ``others``, all of it or nothing."""
        today = self._runtime.clock.today()

        def reply(wrote: Wrote[Dossier, DossierEvent]) -> bytes:
            return kept_reply(status, outcome(project_id, wrote, today), wrote)

        own: DossierAsk = Ask(
            stream_of(project_id),
            str(project_id),
            commands,
            reply,
            identity=ask.identity,
            if_match=ask.if_match,
            also=also,
            admit=admit,
        )
        cause = ask.under(policy_of(room, today).sha256)
        outcomes = await handle_many(
            self._runtime.journal, DOSSIER, [own, *others], cause, together=bool(others)
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        if refused:
            # What was left undone only because of another says nothing of the reason.
            raise next((one for one in refused if not isinstance(one, LeftUndone)), refused[0])
        (asked, *_) = (outcome for outcome in outcomes if isinstance(outcome, Asked))
        return replied(asked)

    def keeping(
        self, contact_id: UUID | None, contact: Contact | None, project_id: UUID, ask: Asking
    ) -> Callable[[Connection], Awaitable[None]] | None:
        if contact is None or contact_id is None:
            return None
        return keeping(contact_id, contact, project_id, ask.cause.now)

    async def terms(self) -> Terms:
        """Give the terms that begin today."""
        days = await WORKING_DAYS.in_force(self._runtime.pool)
        return terms_on(self._runtime.clock.today(), days)

    async def suspects(self, verdict: Verdict, *project_ids: UUID) -> Suspects:
        """Give what may be the same as projects that are about to be let in."""
        if verdict is not Verdict.PASS:
            return {}
        return await suspects_of_new(self._runtime, project_ids)

    async def units(self) -> Units:
        """Give the units as far as they were heard."""
        return await UNITS.in_force(self._runtime.pool)

    async def by(self, ask: Asking) -> By:
        """Give who asks."""
        return by(ask.actor, await self.units(), self._runtime.clock.today())

    async def visible(self, actor: Actor, project_id: UUID) -> tuple[int, Dossier]:
        """Give a dossier that the actor may know of."""
        history = await self._runtime.journal.load(stream_of(project_id))
        dossier = DOSSIER.fold(history.payloads)
        (await self.admit(actor))(dossier)
        return history.version, dossier

    async def admit(self, actor: Actor) -> Callable[[Dossier], None]:
        """Give what refuses a dossier that the actor may not know of, as if it were absent."""
        scope = PROJECT_SCOPES.seen_by(await self.reader(actor))

        def look(dossier: Dossier) -> None:
            row = row_of(dossier)
            if row is None or not scope.holds(row):
                raise NotFound("没有这个项目，或它不在你单位的范围内。")

        return look

    async def reader(self, actor: Actor) -> Reader:
        return (await self.units()).reader(actor, self._runtime.clock.today())

    async def own_contact(self, actor: Actor, project_id: UUID) -> Contact | None:
        """Give the contact of the actor's own dossier, for what need not be shown."""
        _, dossier = await self.visible(actor, project_id)
        who = by(actor, await self.units(), self._runtime.clock.today())
        project = project_room.owned(dossier.project, who)
        return await find_contact(self._runtime.pool, project.facts.contact_id)

    async def shown_contact(self, dossier: Dossier) -> Contact | None:
        """Give whom to call as everybody is shown him."""
        project = project_room.owned_by_anybody(dossier.project)
        contact = await find_contact(self._runtime.pool, project.facts.contact_id)
        return contact and masked(contact)


def level_of(actor: Actor) -> tuple[Act, Holder]:
    """Give at which level an actor reviews; who reviews at none is refused by the first act."""
    if may(actor, "final_review"):
        return "final_review", Holder.PROVINCE
    return "first_review", Holder.CITY


def demand_act(actor: Actor, act: Act) -> None:
    if not may(actor, act):
        words = {
            "report": "报送项目",
            "first_review": "市级初审",
            "final_review": "省级审核",
            "attach": "上传附件",
            "load_opening": "装入期初项目",
            "sign": "办理招商签约",
            "oversee_signings": "变更招商责任单位",
            "tag": "标注项目",
        }
        raise NotAllowed(f"你的角色不能{words[act]}。请用有这项职责的账号登录。")


def _why(refusal: Refusal) -> str:
    """Say why one of many was refused, with the fields that are wrong."""
    return "".join(f"{one.message}{one.remedy}" for one in refusal.errors) or refusal.detail


def _as_form(
    project_id: UUID, dossier: Dossier, contact: Contact | None, version: int
) -> dict[str, Any]:
    project = dossier.project
    if not isinstance(project, project_room.Dossier):
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    facts: ProjectFacts = project.facts
    form = facts.model_dump(mode="json", exclude={"contact_id", "total_investment", "funding"})
    total = facts.total_investment
    return {
        **form,
        "total_investment": None if total is None else in_ten_thousands(total),
        "funding": [
            {"source": part.source, "amount": in_ten_thousands(part.amount)}
            for part in facts.funding
        ],
        "contact": None if contact is None else {"name": contact.name, "phone": contact.phone},
        "project_id": str(project_id),
        "owner_org": project.owner_org,
        "owner_name": project.owner_name,
        "revision": project.revision,
        "stage": stage_of(dossier.review),
        "pool": project.pool,
        "version": version,
    }


def json_reply(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers=headers)
