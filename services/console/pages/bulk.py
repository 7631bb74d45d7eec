"""批量初审、批量审核: how many, how much, whose; one verdict, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.adapters.intake import Problem
from services.console.pages import words
from services.console.pages.bulk_work import Item, Work, Works
from services.console.pages.desk import (
    PROVINCE,
    Level,
    Typed,
    queue_filter,
    reviewer,
    same_person,
    taken_by_another,
)
from services.console.pages.filters import Asked
from services.console.pages.frame import Said, Site
from services.console.pages.reading import Waiting
from services.console.pages.rules import Terms
from services.console.pages.session import Visit

LISTED = 500
_FILTERS = ("region", "org", "category", "least", "name", "taken")
_VERDICTS = ("PASS", "RETURN", "REJECT")


@dataclass(frozen=True)
class Share:
    """One unit's part of what was chosen."""

    owner_org: str
    owner_name: str
    count: int
    money: int


@dataclass(frozen=True)
class Choice:
    """What was chosen: what may be decided, and what may not because of who decides."""

    rows: tuple[Waiting, ...]
    barred: tuple[Waiting, ...] = ()

    @property
    def money(self) -> int:
        """Yuan of what may be decided."""
        return sum(row.total_investment or 0 for row in self.rows)

    @property
    def shares(self) -> tuple[Share, ...]:
        """What may be decided, by unit, the largest part first."""
        units: dict[str, list[Waiting]] = {}
        for row in self.rows:
            units.setdefault(row.owner_org, []).append(row)
        shares = [
            Share(
                org, rows[0].owner_name, len(rows), sum(one.total_investment or 0 for one in rows)
            )
            for org, rows in units.items()
        ]
        return tuple(sorted(shares, key=lambda share: (-share.count, share.owner_org)))

    @property
    def pinned(self) -> str:
        """What was looked at, edition by edition, as the form carries it."""
        return " ".join(f"{row.project_id}.{row.revision}" for row in self.rows)


def pages(site: Site) -> APIRouter:
    """Give the routes of bulk review."""
    router = APIRouter()
    works = Works(site)

    async def preview(
        request: Request,
        visit: Visit,
        level: Level,
        choice: Choice,
        *,
        typed: Typed | None = None,
        problem: Problem | None = None,
        key: str = "",
    ) -> Response:
        return await site.render(
            request,
            "bulk.html",
            visit,
            title=f"批量{level.word}",
            current="desk",
            status=problem.status if problem else 200,
            level=level,
            choice=choice,
            listed=LISTED,
            typed=typed or Typed(),
            problem=problem,
            phrases=(await site.rules(request)).phrases_on(site.clock.today()),
            key=key or str(uuid4()),
        )

    @router.get("/desk/bulk")
    async def back(request: Request) -> Response:
        return site.turn(request, "/desk")

    @router.post("/desk/bulk")
    async def choose(request: Request) -> Response:
        visit, level = await reviewer(site, request)
        form = await request.form()
        asked = Asked(**{name: str(form.get(name) or "") for name in _FILTERS})
        today = site.clock.today()
        queue = await site.reading.queue(
            site.scope(visit), queue_filter(asked, level, visit, today)
        )
        if "every" not in form:
            ticked = set(form.getlist("one"))
            queue = tuple(row for row in queue if row.project_id in ticked)
        choice = _choice(queue, visit, level)
        if not queue:
            said = Said("near", "还没有选：", "请勾选要办的件，或勾“全选”。")
            return site.turn(request, asked.address("/desk"), said)
        return await preview(request, visit, level, choice)

    @router.post("/desk/bulk/send")
    async def send(request: Request) -> Response:
        visit, level = await reviewer(site, request)
        form = await request.form()
        work_id = _uuid(form.get("key")) or str(uuid4())
        if works.find(work_id, visit):
            return site.turn(request, f"/desk/bulk/{work_id}")
        typed = _typed(form)
        pinned = _pinned(str(form.get("items") or ""))
        lines = await site.reading.lines(site.scope(visit), list(pinned))
        choice = _choice([row for row in lines if row.stage == level.stage], visit, level)
        if problem := _fault(typed, choice):
            return await preview(
                request, visit, level, choice, typed=typed, problem=problem, key=work_id
            )
        items = _items(pinned, lines)
        body = _body(typed, level)
        works.begin(Work(work_id, visit.actor.account, level.many, body, items), visit)
        return site.turn(request, f"/desk/bulk/{work_id}")

    @router.get("/desk/bulk/{work_id}")
    async def progress(request: Request, work_id: UUID, seen: str = "") -> Response:
        visit, level = await reviewer(site, request)
        terms = (await site.rules(request)).on(site.clock.today())
        work = works.find(str(work_id), visit)
        if work and seen == work.mark and request.headers.get("HX-Request"):
            return Response(status_code=204)
        # The page shows one moment of a work that goes on while it is put together.
        work = replace(work, refused=list(work.refused)) if work else None
        return await site.render(
            request,
            "bulk_work.html",
            visit,
            title=f"批量{level.word}",
            current="desk",
            status=200 if work else 404,
            level=level,
            work=work,
            told=_told(work, level, terms, site.clock.today()) if work else "",
            reasons=_reasons(work) if work else (),
            listed=LISTED,
        )

    return router


def _choice(queue: Sequence[Waiting], visit: Visit, level: Level) -> Choice:
    barred = [
        row for row in queue if same_person(row, visit, level) or taken_by_another(row, visit)
    ]
    ids = {row.project_id for row in barred}
    return Choice(tuple(row for row in queue if row.project_id not in ids), tuple(barred))


def _typed(form: FormData) -> Typed:
    return Typed(
        verdict=str(form.get("verdict") or ""),
        to="CITY" if form.get("to") == "CITY" else "REPORTER",
        opinion=str(form.get("opinion") or "").strip(),
        confirmed="confirmed" in form,
    )


def _fault(typed: Typed, choice: Choice) -> Problem | None:
    """Say what keeps the verdict from being sent; each dossier is judged by intake."""

    def fault(code: str, detail: str) -> Problem:
        return Problem(title="没有提交", status=422, code=code, detail=detail)

    if not choice.rows:
        return fault("nothing_chosen", "所选的件已经由他人办理，或不能由你办。请回审核台再选。")
    if typed.verdict not in _VERDICTS:
        return fault("no_verdict", "还没有选结论。")
    if typed.verdict != "PASS" and not typed.opinion:
        return fault("no_opinion", "退回补正和不予通过都要写明理由，所选各件用同一条意见。")
    if typed.verdict == "REJECT" and not typed.confirmed:
        return fault("confirm_reject", "否定的结论不可撤回。确认后再提交一次。")
    return None


def _body(typed: Typed, level: Level) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {"verdict": typed.verdict, "opinion": typed.opinion}
    if level is PROVINCE:
        body["to"] = typed.to
    return body


def _pinned(text: str) -> Mapping[str, int]:
    pinned = {}
    for word in text.split():
        project_id, _, revision = word.partition(".")
        if (known := _uuid(project_id)) and revision.isdecimal() and len(revision) < 7:
            pinned[known] = int(revision)
    return pinned


def _items(pinned: Mapping[str, int], lines: Sequence[Waiting]) -> Sequence[Item]:
    """Name everything that was looked at, also what has left the reader's scope since."""
    known = {row.project_id: row for row in lines}
    return [
        Item(project_id, revision, row.name, row.owner_name, row.total_investment or 0)
        if (row := known.get(project_id))
        else Item(project_id, revision, f"编号 {project_id[:8]}", words.MISSING)
        for project_id, revision in pinned.items()
    ]


def _uuid(text: object) -> str:
    try:
        return str(UUID(str(text)))
    except ValueError:
        return ""


def _told(work: Work, level: Level, terms: Terms, today: date) -> str:
    """Say what was done, to whom it goes, and by when."""
    until = words.until(work.term, today)
    many = f"{work.done:,} 件，{words.yi_sum(work.done_money)} 亿元"
    match work.body["verdict"], level.stage, work.body.get("to"):
        case "PASS", "SUBMITTED", _:
            return f"初审通过 {many}，已送省发改委审核，{words.limit(terms.final_review)}{until}。"
        case "PASS", _, _:
            return f"审核通过 {many}，已生效，看板随即更新。"
        case "RETURN", "CITY_PASSED", "CITY":
            return f"退回市发改委 {many}，{words.limit(terms.first_review, '重新初审')}{until}。"
        case "RETURN", _, _:
            return f"退回填报单位补正 {many}，{words.limit(terms.resubmission, '内重报')}{until}。"
        case _:
            return f"不予通过 {many}，填报单位可以看到理由。"


def _reasons(work: Work) -> tuple[tuple[str, int], ...]:
    """Count the refusals by their sentence."""
    counts: dict[str, int] = {}
    for _, refused in work.refused:
        counts[refused.why] = counts.get(refused.why, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: -pair[1]))
