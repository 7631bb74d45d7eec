"""规则: the text that a decision rests on, as it was published."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.console.pages.frame import Site
from shared.refusals import NotFound

_ROOMS = {
    "project": "填报规则",
    "review": "审核规则",
    "correction": "更正规则",
    "report_month": "每月报送规则",
    "approval_plan": "审批事项目录",
}


def pages(site: Site) -> APIRouter:
    """Give the route of one file of rules."""
    router = APIRouter()

    @router.get("/policies/{sha256}")
    async def policy(
        request: Request, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
    ) -> Response:
        visit = await site.visit(request)
        found = await site.reading.policy(sha256)
        if found is None:
            raise NotFound("没有这一份规则，或者它还没有送到。")
        return await site.render(
            request,
            "policy.html",
            visit,
            title=_ROOMS.get(found.room, found.room),
            policy=found,
        )

    return router
