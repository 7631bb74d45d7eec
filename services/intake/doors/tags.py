"""Tags over HTTP: a project is marked as one of a programme's, and the mark is taken away."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Path, Response
from pydantic import Field

from services.intake.doors.forms import Body, Line
from services.intake.doors.http import Door
from services.intake.project.commands import TagProject, UntagProject
from shared.commanding import Asking, asking
from shared.service import Runtime

Asks = Annotated[Asking, Depends(asking)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,31}$")]


class TagForm(Body):
    """A tag, which of its list where it has one, and from which day on."""

    tag: Code
    item: Code | None = None
    from_on: date


class UntagForm(Body):
    """The last day of a tag, and why it ends."""

    until_on: date
    reason: Line


def tag_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of tags."""
    door = Door(runtime)

    @app.post("/projects/{project_id}/tags", tags=["project"], summary="加标签")
    async def tag(ask: Asks, project_id: UUID, body: TagForm) -> Response:
        command = TagProject(
            project_id=project_id,
            by=await door.by(ask),
            on=runtime.clock.today(),
            tag=body.tag,
            item=body.item,
            from_on=body.from_on,
        )
        return await door.carry_out(ask, project_id, command, "tag", "project")

    @app.post("/projects/{project_id}/tags/{tag}/end", tags=["project"], summary="取消标签")
    async def untag(
        ask: Asks,
        project_id: UUID,
        tag: Annotated[str, Path(pattern=r"^[A-Z][A-Z0-9_]{1,31}$")],
        body: UntagForm,
    ) -> Response:
        command = UntagProject(
            project_id=project_id,
            by=await door.by(ask),
            on=runtime.clock.today(),
            tag=tag,
            until_on=body.until_on,
            reason=body.reason,
        )
        return await door.carry_out(ask, project_id, command, "tag", "project")
