"""审核表: a dossier on paper with its reviews, the oldest first, as it goes into a file."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.console.pages.fields import FIELDS, text_of
from services.console.pages.frame import Site, not_in_scope
from services.console.pages.moving import wanted
from services.console.pages.project import recorded, told_for
from services.console.pages.reading import editions
from services.console.pages.telling import tell


def pages(site: Site) -> APIRouter:
    """Give the route of a dossier on paper."""
    router = APIRouter()

    @router.get("/projects/{project_id}/paper")
    async def on_paper(request: Request, project_id: UUID, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        project, history = await recorded(site, visit, when, project_id)
        facts = editions(history).get(project.revision)
        if facts is None:
            raise not_in_scope()
        units, rules = await site.units(visit, when), await site.rules(request, when)
        # Whom to call is on no paper that is passed around.
        columns = [
            (field, text_of(field.key, facts, when.today))
            for field in FIELDS
            if field.key != "contact"
        ]
        return await site.render(
            request,
            "dossier_paper.html",
            visit,
            title=f"审核表 {project.name}",
            current="projects",
            when=when,
            project=project,
            columns=columns,
            asked=wanted(project, history, when.today),
            told=told_for(site, visit, project, tell(history, units, when.today, rules)),
        )

    return router
