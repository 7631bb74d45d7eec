"""Looks up, for reviewers, which projects may be the same as those that they are about to pass."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.intake.dossier import DOSSIER, Dossier, compared, lets_in, project_of, stream_of
from services.intake.policies import alike_on
from services.intake.review.likeness import Suspect
from services.intake.views import comparable_projects
from shared.service import Runtime

Suspects = Mapping[UUID, tuple[Suspect, ...]]


async def suspects_of(runtime: Runtime, dossiers: Mapping[UUID, Dossier]) -> Suspects:
    """Give what may be the same as each of these projects, as far as it was heard."""
    wanted = {key: one for key, dossier in dossiers.items() if (one := compared(dossier))}
    rules = alike_on(runtime.clock.today())
    return await comparable_projects.suspects(runtime.pool, wanted, rules) if wanted else {}


async def suspects_of_new(runtime: Runtime, project_ids: Collection[UUID]) -> Suspects:
    """Give what may be the same as those of these projects that an approval would let in."""
    dossiers = await dossiers_of(runtime, project_ids)
    return await suspects_of(runtime, {key: one for key, one in dossiers.items() if lets_in(one)})


async def dossiers_of(runtime: Runtime, project_ids: Collection[UUID]) -> Mapping[UUID, Dossier]:
    """Load several dossiers at once."""
    histories = await runtime.journal.load_many([stream_of(one) for one in project_ids])
    return {
        project_of(stream): DOSSIER.fold(history.payloads) for stream, history in histories.items()
    }
