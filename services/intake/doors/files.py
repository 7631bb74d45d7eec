"""Evidence at the door: a file is uploaded first, then named by the command that rests on it.

An upload that no fact comes to name expires; what a fact names is kept for good and read by
whoever is shown the evidence of what the fact is about.
"""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, FastAPI, Path, Response, UploadFile

from services.intake.adapters.evidence import of_project
from services.intake.doors.http import Door, demand_act
from services.intake.doors.workbooks import refuse_telling_name
from services.intake.dossier import row_of
from services.intake.evidence.sniffing import media_type_of
from services.intake.policies import policy_of
from shared.commanding import Asking, asking
from shared.refusals import NotFound
from shared.scope import PROJECT_SCOPES
from shared.service import Runtime
from shared.tokens import Actor, actor_of

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
LARGEST = 20 * 1024 * 1024
"""What the door lets in at all; the rules of the day may be stricter."""


class EvidenceFile(Response):
    """A file as it was uploaded, to be saved and not shown in place."""

    media_type = "application/octet-stream"


def file_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of evidence."""
    door = Door(runtime)

    @app.post("/files", status_code=201, tags=["evidence"], summary="上传佐证附件")
    async def upload(ask: Asks, file: UploadFile) -> dict[str, Any]:
        demand_act(ask.actor, "attach")
        name = (file.filename or "")[-200:]
        refuse_telling_name(name)
        values = policy_of("evidence", runtime.clock.today()).values
        data = await file.read(LARGEST + 1)
        kind = media_type_of(data, name, min(LARGEST, values["largest_bytes"]))
        until = ask.cause.now + timedelta(days=values["unnamed_expire_after_days"])
        kept = await runtime.files.keep(data, name, kind, ask.actor.org, until)
        return {
            "sha256": kept.sha256,
            "name": kept.name,
            "size": kept.size,
            "media_type": kept.media_type,
            "kept_until": until.isoformat(),
        }

    @app.get(
        "/projects/{project_id}/files/{sha256}",
        tags=["evidence"],
        summary="一个项目的佐证附件",
        response_class=EvidenceFile,
    )
    async def read(actor: Who, project_id: UUID, sha256: Sha256) -> Response:
        _, dossier = await door.visible(actor, project_id)
        shown = PROJECT_SCOPES.shown_to(await door.reader(actor), "evidence")
        row, owner, now = row_of(dossier), of_project(project_id), runtime.clock.now()
        known = await runtime.files.described([sha256], [owner], now)
        if row is None or not shown.holds(row) or sha256 not in known:
            raise NotFound("没有这个附件，或它不在你能查看的范围内。")
        return as_saved(await runtime.files.read(sha256, owner, now), known[sha256].name)


def as_saved(data: bytes, name: str) -> Response:
    """Answer with a file that the browser saves under its name."""
    told = f"attachment; filename*=UTF-8''{quote(name)}"
    return EvidenceFile(data, headers={"Content-Disposition": told})
