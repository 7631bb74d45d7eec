"""查重 over HTTP: which projects may be the same one, and the city's verdict on two of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Response

from contracts.intake import DuplicateJudged, Likeness
from services.intake.doors.comparing import dossiers_of, suspects_of
from services.intake.doors.forms import Body, Line, in_ten_thousands
from services.intake.doors.http import Asks, Door, Who, demand_act
from services.intake.dossier import (
    DOSSIER,
    Dossier,
    DossierCommand,
    DossierEvent,
    compared,
    stream_of,
)
from services.intake.policies import alike_on, policy_of
from services.intake.project.decider import owned_by_anybody
from services.intake.review.commands import JudgeDuplicate
from services.intake.review.likeness import Suspect, is_judged, percent_alike
from services.intake.views import comparable_projects
from services.intake.views.comparable_projects import ComparableRow
from shared.commanding import Asking, kept_reply, key_required, replied
from shared.deciding import Ask, Asked, Command, LeftUndone, Wrote, handle_many
from shared.refusals import Refusal, UnreadableInput
from shared.service import Runtime
from shared.tokens import Actor

_COUNTY = ("county", "zone")


class VerdictForm(Body):
    """裁定: whether two projects, on the editions that were compared, are the same one."""

    other_id: UUID
    on_revision: int
    other_revision: int
    same: bool
    keeps: UUID | None = None
    reason: Line = ""


def duplicate_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of 查重."""
    door = _Comparing(runtime)

    @app.get("/duplicates", tags=["review"], summary="待初审的件中哪些疑似重复")
    async def waiting(actor: Who) -> dict[str, Any]:
        return await door.waiting(actor)

    @app.get("/projects/{project_id}/duplicates", tags=["review"], summary="与这件疑似重复的")
    async def of_one(actor: Who, project_id: UUID) -> dict[str, Any]:
        return await door.of_one(actor, project_id)

    @app.post("/projects/{project_id}/duplicates", tags=["review"], summary="裁定是否重复")
    async def judge(ask: Asks, project_id: UUID, body: VerdictForm) -> Response:
        return await door.judge(ask, project_id, body)


class _Comparing(Door):
    """What the routes share."""

    async def waiting(self, actor: Actor) -> dict[str, Any]:
        """Give the pairs of which one waits for the first review, the undecided ones first."""
        demand_act(actor, "first_review")
        rows = await comparable_projects.with_city(self._runtime.pool)
        dossiers = await dossiers_of(self._runtime, rows)
        suspects = await suspects_of(self._runtime, dossiers)
        found = {key: few for key, few in suspects.items() if few}
        others = await comparable_projects.comparable(
            self._runtime.pool, {str(one.project_id) for few in found.values() for one in few}
        )
        pairs = [
            {
                **_of_row(key, rows[key]),
                **_suspicion(one, dossiers[key]),
                "other": _of_row(one.project_id, others[str(one.project_id)]),
            }
            for key, few in found.items()
            for one in few
            if str(one.project_id) in others
        ]
        pairs.sort(key=lambda pair: (pair["verdict"] is not None, -pair["similarity"]))
        return {"waiting": len(rows), "pairs": pairs}

    async def of_one(self, actor: Actor, project_id: UUID) -> dict[str, Any]:
        """Give what may be the same as one project, what was judged, and which would stay."""
        demand_act(actor, "first_review")
        _, dossier = await self.visible(actor, project_id)
        own = owned_by_anybody(dossier.project)
        suspects = (await suspects_of(self._runtime, {project_id: dossier})).get(project_id, ())
        rows = await comparable_projects.comparable(
            self._runtime.pool, {str(one.project_id) for one in suspects}
        )
        of_county = await self._of_county(
            {own.owner_org, *(row.owner_org for row in rows.values())}
        )
        found = []
        for one in suspects:
            if row := rows.get(str(one.project_id)):
                differ = of_county[own.owner_org] != of_county[row.owner_org]
                countys = project_id if of_county[own.owner_org] else one.project_id
                stays = str(countys) if differ else None
                shown = {**_of_row(one.project_id, row), **_suspicion(one, dossier)}
                found.append({**shown, "stays": stays})
        return {"project_id": str(project_id), "revision": own.revision, "suspects": found}

    async def judge(self, ask: Asking, project_id: UUID, body: VerdictForm) -> Response:
        """Tell the verdict in both streams, in one append."""
        demand_act(ask.actor, "first_review")
        key, admit = key_required(ask), await self.admit(ask.actor)
        today, who, other_id = self._runtime.clock.today(), await self.by(ask), body.other_id
        pair = ((project_id, body.on_revision), (other_id, body.other_revision))
        dossiers = await dossiers_of(self._runtime, {project_id, other_id})
        for dossier in dossiers.values():
            admit(dossier)
        own, other = compared(dossiers[project_id]), compared(dossiers[other_id])
        if own is None or other is None or project_id == other_id:
            raise UnreadableInput("只有县区和总投资都已填的两件不同的项目才能裁定。")
        owners = {one: owned_by_anybody(dossiers[one].project).owner_org for one, _ in pair}
        of_county = await self._of_county(set(owners.values()))

        def verdict(mine: tuple[UUID, int], theirs: UUID, them: Likeness) -> JudgeDuplicate:
            return JudgeDuplicate(
                project_id=mine[0],
                by=who,
                other_id=theirs,
                other=them,
                on_revision=mine[1],
                on=today,
                same=body.same,
                keeps=body.keeps,
                own_of_county=of_county[owners[mine[0]]],
                other_of_county=of_county[owners[theirs]],
                similarity=percent_alike(own.name, other.name, alike_on(today)),
                reason=body.reason,
            )

        def reply(wrote: Wrote[Dossier, DossierEvent]) -> bytes:
            message = "已裁定为重复" if body.same else "已裁定为不重复"
            return kept_reply(200, {"message": f"{message}，两件的流转记录里都有。"}, wrote)

        asks: list[Ask[Sequence[DossierCommand], Dossier, DossierEvent]] = [
            Ask(
                stream_of(command.project_id),
                str(command.project_id),
                (command,),
                reply,
                identity=Command(f"{key}:{command.project_id}", _spelled(ask)),
                admit=admit,
            )
            for command in (verdict(pair[0], other_id, other), verdict(pair[1], project_id, own))
        ]
        cause = ask.under(policy_of("review", today).sha256)
        outcomes = await handle_many(self._runtime.journal, DOSSIER, asks, cause, together=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        for refusal in sorted(refused, key=lambda one: isinstance(one, LeftUndone)):
            raise refusal
        return replied(next(outcome for outcome in outcomes if isinstance(outcome, Asked)))

    async def _of_county(self, orgs: Collection[str]) -> Mapping[str, bool]:
        """Tell which units are counties or zones: theirs stays where a bureau reported the same."""
        units, today = await self.units(), self._runtime.clock.today()
        kinds = {org: unit.kind for org in orgs if (unit := units.known(org, today))}
        return {org: kinds.get(org) in _COUNTY for org in orgs}


def _of_row(project_id: UUID, row: ComparableRow) -> dict[str, Any]:
    return {
        "project_id": str(project_id),
        "name": row.name,
        "owner_org": row.owner_org,
        "owner_name": row.owner_name,
        "region": row.region,
        "total_investment": in_ten_thousands(row.total_investment or 0),
        "revision": row.revision,
        "pool": row.pool,
    }


def _suspicion(suspect: Suspect, dossier: Dossier) -> dict[str, Any]:
    """Give how alike two are, and what the city judged of them as they are now."""
    own, judged = compared(dossier), dossier.judged
    decided = own is not None and is_judged(suspect, own, judged)
    return {
        "similarity": suspect.similarity,
        "verdict": _verdict(judged[suspect.project_id]) if decided else None,
    }


def _verdict(judged: DuplicateJudged) -> dict[str, Any]:
    return {
        "verdict": judged.verdict,
        "keeps": judged.keeps and str(judged.keeps),
        "reason": judged.reason,
        "judged_on": judged.judged_on.isoformat(),
    }


def _spelled(ask: Asking) -> bytes:
    return ask.identity.body_hash if ask.identity else b""
