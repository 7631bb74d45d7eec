"""The operators' door of every service that keeps views: what is set aside, and the two acts.

It hangs under ``PREFIX`` of the web part. Whoever is no operator finds nothing there.
"""

from collections.abc import Callable, Sequence
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.refusals import NotFound
from shared.scope import may
from shared.tokens import Actor, actor_of
from shared.viewing import outline, parked, parking
from shared.viewing.parked import MOST_ROWS, PAGE_ROWS, Parked, Reason
from shared.viewing.store import ViewStore
from shared.viewing.view import View

PREFIX = "/viewing"
LABELS = {
    "view": "视图",
    "stream": "事件流",
    "version": "流内序号",
    "reason": "原因",
    "since": "搁置时间",
    "page": "页",
    "rows": "每页行数",
}


Name = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[^\x00]+$")]
Version = Annotated[int, Field(ge=0, lt=2**31)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplayAsked(_Body):
    """Try again: one stream, or with none named every stream of the view."""

    view: Name
    stream: Name | None = None


class DiscardAsked(_Body):
    """Give up one fact, for a reason."""

    view: Name
    stream: Name
    version: Version
    reason: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class Page(BaseModel):
    """One page of what is set aside; counts cover the whole filter."""

    views: list[str]
    total: int
    streams: int
    by_reason: dict[str, int]
    page: int
    pages: int
    facts: list[Parked]


class Shown(BaseModel):
    """One fact set aside: what is known of it, without what it says."""

    fact: Parked
    key: outline.Line
    headers: list[outline.Line]
    body: list[outline.Line]
    bytes: int
    not_to_discard: str


class Outcomes(BaseModel):
    """What became of the streams that were tried."""

    outcomes: list[parking.Replayed]


class Given(BaseModel):
    """What was given up, the latest first."""

    discarded: list[parked.Discarded]


async def operator(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
    """FastAPI dependency: the operator who asks.

    Raises:
        NotFound: the role operates nothing.
    """
    if not may(actor, "operate"):
        raise NotFound("没有这个地址。")
    return actor


Operator = Annotated[Actor, Depends(operator)]


class Stores:
    """The views of one service, found by name."""

    def __init__(self, views: Sequence[View], pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind the views to the database that holds them, which opens later than this is made."""
        self._views = {view.name: view for view in views}
        self._pool = pool

    @property
    def pool(self) -> asyncpg.Pool:
        """The database of the moment."""
        return self._pool()

    @property
    def names(self) -> list[str]:
        """The names of the views."""
        return list(self._views)

    def of(self, view: str) -> ViewStore:
        """Give the store of a view.

        Raises:
            NotFound: this service keeps no such view.
        """
        try:
            return ViewStore(self.pool, self._views[view])
        except KeyError:
            raise NotFound(f"没有视图 {view}。") from None


def routes(stores: Stores) -> APIRouter:
    """Give the routes over the views of one service."""
    router = APIRouter()

    @router.get("/parked")
    async def listed(
        _: Operator,
        view: Name | None = None,
        reason: Reason | None = None,
        since: AwareDatetime | None = None,
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        rows: Annotated[int, Query(ge=1, le=MOST_ROWS)] = PAGE_ROWS,
    ) -> Page:
        found = await parked.listed(
            stores.pool, view=view, reason=reason, since=since, rows=rows, skip=(page - 1) * rows
        )
        return Page(
            views=stores.names,
            total=found.total,
            streams=found.streams,
            by_reason=dict(found.by_reason),
            page=page,
            pages=max(1, -(-found.total // rows)),
            facts=list(found.facts),
        )

    @router.get("/parked/fact")
    async def shown(_: Operator, view: Name, stream: Name, version: Version) -> Shown:
        original = await parked.shown(stores.pool, stores.of(view).view.name, stream, version)
        return Shown(
            fact=original.parked,
            key=outline.text_or_bytes(original.key),
            headers=outline.header_lines(original.headers),
            body=outline.body_lines(original.body),
            bytes=len(original.body),
            not_to_discard=parking.not_to_discard(original.parked.reason),
        )

    @router.post("/parked/replay")
    async def replay(actor: Operator, asked: ReplayAsked) -> Outcomes:
        store = stores.of(asked.view)
        if asked.stream is None:
            return Outcomes(outcomes=await parking.replay_all(store, actor.account))
        return Outcomes(outcomes=[await parking.replay(store, asked.stream, actor.account)])

    @router.post("/parked/discard")
    async def discard(actor: Operator, asked: DiscardAsked) -> Outcomes:
        done = await parking.discard(
            stores.of(asked.view), asked.stream, asked.version, asked.reason, actor.account
        )
        return Outcomes(outcomes=[done])

    @router.get("/discarded")
    async def discarded(_: Operator, view: Name | None = None) -> Given:
        return Given(discarded=await parked.discards(stores.pool, view=view))

    return router
