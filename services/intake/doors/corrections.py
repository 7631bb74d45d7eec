"""更正 at the door: accepted facts as they shall be, why, and on which papers."""

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import FastAPI, Response
from pydantic import Field

from services.intake.adapters.contacts import find_contact
from services.intake.adapters.evidence import keeping, of_project
from services.intake.correction.commands import RequestCorrection
from services.intake.doors.acting import by
from services.intake.doors.evidence import Papers, evidence_of
from services.intake.doors.forms import ColumnsForm, Line
from services.intake.doors.http import Asks, Door, demand_act
from services.intake.policies import correction_rules_of, form_of
from services.intake.project import decider as project_room
from shared.commanding import Asking, key_required
from shared.service import Runtime

APPLICATIONS = UUID("8f2c41d7-5a0e-5b6c-9b1e-2d7c4e9a6f30")
"""The name space in which a command's id names the application that it begins."""


class CorrectionForm(ColumnsForm):
    """更正申请: every column as it shall be; whom to call is no part of it."""

    reason: Line = ""
    evidence: Papers = ()
    accepted_hints: Annotated[tuple[str, ...], Field(max_length=40)] = ()


def correction_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route of corrections."""
    door = _Corrections(runtime)

    @app.post(
        "/projects/{project_id}/corrections",
        tags=["correction"],
        summary="申请更正已入库的内容、补正后重报",
    )
    async def request(ask: Asks, project_id: UUID, body: CorrectionForm) -> Response:
        return await door.request(ask, project_id, body)


class _Corrections(Door):
    """What the route stands on."""

    async def request(self, ask: Asking, project_id: UUID, body: CorrectionForm) -> Response:
        demand_act(ask.actor, "report")
        key = key_required(ask)
        _, dossier = await self.visible(ask.actor, project_id)
        today = self._runtime.clock.today()
        who = by(ask.actor, await self.units(), today)
        project = project_room.owned(dossier.project, who)
        contact = await find_contact(self._runtime.pool, project.facts.contact_id)
        owner = of_project(project_id)
        evidence = await evidence_of(self._runtime, ask, body.evidence, owner)
        command = RequestCorrection(
            project_id=project_id,
            by=who,
            application_id=uuid5(APPLICATIONS, key),
            on=today,
            facts=body.facts(project.facts.contact_id),
            reason=body.reason,
            evidence=evidence,
            form=form_of(today, contact),
            terms=await self.terms(),
            rules=correction_rules_of(today),
            not_secret=body.not_secret,
            accepted_hints=tuple(body.accepted_hints),
        )
        return await self.handle(
            ask,
            project_id,
            [command],
            "correction",
            also=keeping(evidence, ask.actor.org, owner, ask.cause.now),
        )
