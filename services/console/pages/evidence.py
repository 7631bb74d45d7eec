"""Evidence in forms: files go to intake at once, so that a form shown again has not lost them.

For each sort of paper that a form asks for it has ``files:<sort>`` (new files), ``held:<sort>``
(those that intake has already), ``number:<sort>`` and ``dated:<sort>``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue
from starlette.datastructures import FormData, UploadFile

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages.frame import Site, not_in_scope
from services.console.pages.session import Visit


@dataclass(frozen=True)
class Paper:
    """A file that intake keeps, as a form holds it."""

    sha256: str
    size: int
    name: str

    @property
    def held(self) -> str:
        """The value under which a form holds it."""
        return f"{self.sha256}|{self.size}|{self.name}"


@dataclass(frozen=True)
class Sorted:
    """What was given for one sort of paper."""

    sort: str
    papers: tuple[Paper, ...] = ()
    number: str = ""
    dated: str = ""


@dataclass(frozen=True)
class Attached:
    """All evidence of a form; ``problem`` says why a file was not taken."""

    sorts: tuple[Sorted, ...] = ()
    problem: Problem | None = None

    def of(self, sort: str) -> Sorted:
        """Give what was given for a sort."""
        return next((one for one in self.sorts if one.sort == sort), Sorted(sort))

    @property
    def body(self) -> list[JsonValue]:
        """Give the evidence as intake's doors take it; the number goes with the first file."""
        entries: list[JsonValue] = []
        for one in self.sorts:
            said = {"sort": one.sort, "document_number": one.number, "dated_on": one.dated or None}
            if one.papers:
                first, *others = one.papers
                entries.append({**said, "sha256": first.sha256})
                entries += [{"sort": one.sort, "sha256": paper.sha256} for paper in others]
            elif one.number:
                entries.append({**said})
        return entries


async def attached(site: Site, visit: Visit, form: FormData, sorts: Sequence[str]) -> Attached:
    """Read the evidence of a form, and give intake the files that it does not have yet.

    Raises:
        Unavailable: intake does not answer.
    """
    given, problem = [], None
    token = await site.sessions.token(visit.session, "intake")
    for sort in sorts:
        papers = [_held(str(value)) for value in form.getlist(f"held:{sort}")]
        for file in form.getlist(f"files:{sort}"):
            if not isinstance(file, UploadFile) or not file.filename:
                continue
            try:
                kept = await site.intake.send_file(token, file.filename, file.file)
            except IntakeRefused as refused:
                problem = problem or refused.problem
            else:
                papers.append(Paper(kept.sha256, kept.size, kept.name))
        number, dated = form.get(f"number:{sort}"), form.get(f"dated:{sort}")
        unique = {paper.sha256: paper for paper in papers if paper is not None}
        given.append(
            Sorted(
                sort,
                tuple(unique.values()),
                str(number or "").strip(),
                str(dated or "").strip(),
            )
        )
    return Attached(tuple(given), problem)


def _held(value: str) -> Paper | None:
    sha256, _, rest = value.partition("|")
    size, _, name = rest.partition("|")
    return Paper(sha256, int(size), name) if size.isdecimal() and name else None


def pages(site: Site) -> APIRouter:
    """Give the route of a project's files."""
    router = APIRouter()

    @router.get("/projects/{project_id}/files/{sha256}")
    async def saved(request: Request, project_id: UUID, sha256: str) -> Response:
        visit = await site.visit(request)
        return await as_saved(site, visit, f"/projects/{project_id}", sha256)

    return router


async def as_saved(site: Site, visit: Visit, place: str, sha256: str) -> Response:
    """Give a file of what has this address at intake, to be saved; intake says who may have it.

    Raises:
        NotFound: it is not there, or not for this account.
        Unavailable: intake does not answer.
    """
    token = await site.sessions.token(visit.session, "intake")
    if not (len(sha256) == 64 and sha256.isalnum()):
        raise not_in_scope()
    try:
        answer = await site.intake.fetch(token, f"{place}/files/{sha256}")
    except IntakeRefused as refused:
        raise not_in_scope() from refused
    told = answer.headers.get("Content-Disposition", "attachment")
    return Response(
        answer.content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": told},
    )
