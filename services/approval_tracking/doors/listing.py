"""The plans that somebody sees, a page at a time, for other systems."""

from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Query, Response

from services.approval_tracking.doors.plans import Door, Who
from services.approval_tracking.views.planned_projects import Planned, within
from shared.scope import APPROVAL_SCOPES
from shared.service import Runtime

MOST = 500
After = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")]
Limit = Annotated[int, Query(ge=1, le=MOST)]


def listing_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the list of plans."""
    door = Door(runtime)

    @app.get("/plans", tags=["approval_plan"], summary="审批计划清单")
    async def plans(actor: Who, after: After = "", limit: Limit = MOST) -> Response:
        scope = APPROVAL_SCOPES.seen_by((await door.asker(actor)).reader)
        found = await within(runtime.pool, scope, after, limit)
        more = len(found) == limit
        body = {
            "plans": [_line(one) for one in found],
            "next": str(found[-1].project_id) if more else None,
        }
        return Response(orjson.dumps(body), media_type="application/json")


def _line(found: Planned) -> dict[str, Any]:
    project, plan = found.project, found.plan
    return {
        "project_id": str(found.project_id),
        "name": project.name,
        "project_code": project.project_code,
        "owner_org": project.owner_org,
        "pool": project.pool,
        "edition": plan and plan.edition,
        "closed": plan and plan.closed,
        "ready_on": plan and plan.ready_since,
        "flagged_start": plan and plan.flagged,
    }
