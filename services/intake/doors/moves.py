"""调库 at the door: which moves are open and what each still needs, and an application for one."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import Depends, FastAPI, Response

from contracts.intake import MoveApplied, MoveEffect, SplitPart
from services.intake.adapters.contacts import find_contact
from services.intake.adapters.evidence import keeping, of_project
from services.intake.doors.acting import by
from services.intake.doors.beside import look_beside, works_of
from services.intake.doors.evidence import evidence_of
from services.intake.doors.forms import ColumnsForm
from services.intake.doors.http import Door, demand_act, json_reply
from services.intake.doors.move_forms import MoveForm
from services.intake.dossier import Dossier, row_of
from services.intake.move.commands import ApplyForMove
from services.intake.move.decider import is_open
from services.intake.move.permits import Permit, Permits
from services.intake.move.rules import Entry, Transition, grounds_of
from services.intake.policies import form_of, move_rules_of, policy_of
from services.intake.project import decider as project_room
from services.intake.review.states import application_of, stage_of
from services.intake.views.permits import permits_of
from shared.commanding import Asking, asking, key_required
from shared.scope import PROJECT_SCOPES
from shared.service import Runtime
from shared.tokens import Actor, actor_of

PARTS = UUID("5b7d9e10-2f64-5c0e-8a3b-71c6d2e4f905")
"""The name space in which an application and a number name a part of a split."""

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]


def move_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of moves."""
    door = Moves(runtime)

    @app.get("/projects/{project_id}/moves", tags=["move"], summary="能申请的调库和各自的条件")
    async def moves(actor: Who, project_id: UUID) -> Response:
        version, dossier = await door.visible(actor, project_id)
        row = row_of(dossier)
        shown = PROJECT_SCOPES.shown_to(await door.reader(actor), "evidence")
        papers = row is not None and shown.holds(row)
        body = await door.open_to(project_id, dossier, papers=papers)
        return json_reply(body, {"ETag": f'"{version}"'})

    @app.post("/projects/{project_id}/moves", tags=["move"], summary="申请调库、补正后重报")
    async def apply(ask: Asks, project_id: UUID, body: MoveForm) -> Response:
        return await door.apply(ask, project_id, body)


class Moves(Door):
    """What the routes of moves share."""

    async def open_to(self, project_id: UUID, dossier: Dossier, *, papers: bool) -> dict[str, Any]:
        """Give the moves that may be asked from where a project stands, with their conditions.

        ``papers`` says whether the asker is shown the evidence of an application.
        """
        today = self._runtime.clock.today()
        rules = move_rules_of(today)
        project, asked = dossier.project, dossier.asked
        known = project if isinstance(project, project_room.Dossier) else None
        works = await works_of(self._runtime.journal, project_id)
        permits = await permits_of(self._runtime.pool, project_id)
        there = (
            grounds_of(known.facts, works, "", (), kept=known.papers, permits=permits)
            if known
            else frozenset()
        )
        under_way = application_of(dossier.review) and isinstance(asked, MoveApplied)
        return {
            "project_id": str(project_id),
            "pool": known and known.pool,
            "standing": known.standing if known and known.pool else None,
            "stage": stage_of(dossier.review),
            "application": asked.model_dump(mode="json", exclude=None if papers else {"evidence"})
            if under_way and asked
            else None,
            "policy": policy_of("move", today).sha256,
            "evidence": rules.evidence,
            "longest_hold_months": rules.longest_hold_months,
            "moves": [
                *(
                    _as_open(entry, "ENTER", there, permits)
                    for entry in rules.entries.values()
                    if known and known.pool is None and dossier.in_own_hands
                ),
                *(
                    _as_open(transition, transition.effect, there, permits)
                    for transition in rules.transitions.values()
                    if known and is_open(transition, known, dossier.review)
                ),
            ],
        }

    async def apply(self, ask: Asking, project_id: UUID, body: MoveForm) -> Response:
        """Hand an application in."""
        demand_act(ask.actor, "report")
        key = key_required(ask)
        _, dossier = await self.visible(ask.actor, project_id)
        today, units = self._runtime.clock.today(), await self.units()
        who = by(ask.actor, units, today)
        project = project_room.owned(dossier.project, who)
        absorbs = None
        if body.absorbs is not None:
            await self.visible(ask.actor, body.absorbs)
            absorbs = (await look_beside(self._runtime.journal, body.absorbs)).other
        application_id = uuid5(PARTS, key)
        owner = of_project(project_id)
        evidence = await evidence_of(self._runtime, ask, body.evidence, owner)
        contact = await find_contact(self._runtime.pool, project.facts.contact_id)
        command = ApplyForMove(
            project_id=project_id,
            by=who,
            application_id=application_id,
            on=today,
            transition=body.transition,
            reason=body.reason,
            rules=move_rules_of(today),
            works=await works_of(self._runtime.journal, project_id),
            permits=await permits_of(self._runtime.pool, project_id),
            terms=await self.terms(),
            form=form_of(today, contact),
            evidence=evidence,
            hold_until=body.hold_until,
            resume_when=body.resume_when,
            absorbs=absorbs,
            duplicate=body.duplicate,
            parts=_parts(body.parts, application_id),
        )
        return await self.handle(
            ask,
            project_id,
            [command],
            "move",
            also=keeping(evidence, ask.actor.org, owner, ask.cause.now),
        )


def _parts(forms: Sequence[ColumnsForm], application_id: UUID) -> tuple[SplitPart, ...]:
    # Whom to call is named for each part once it is there: a contact belongs to one project.
    return tuple(
        SplitPart(project_id=uuid5(application_id, str(number)), facts=form.facts(None))
        for number, form in enumerate(forms)
    )


def _as_open(
    way: Transition | Entry,
    effect: MoveEffect | Literal["ENTER"],
    there: frozenset[str],
    permits: Permits,
) -> dict[str, Any]:
    return {
        "transition": way.code,
        "name": way.name,
        "effect": effect,
        "to": way.to,
        "conditions": [
            {
                "code": condition.code,
                "rule": condition.rule,
                "source": condition.source,
                "remedy": condition.remedy,
                "field": condition.field,
                "sorts": condition.sorts,
                "met": condition.is_met(there),
                "permits": [_as_permit(one) for one in permits.asked_by(condition.met_by)],
            }
            for condition in way.conditions
        ],
    }


def _as_permit(permit: Permit) -> dict[str, Any]:
    return {
        "item": permit.item,
        "name": permit.name,
        "state": permit.state,
        "done": permit.done,
        "document_number": permit.document_number,
        "since": permit.since and permit.since.isoformat(),
    }
