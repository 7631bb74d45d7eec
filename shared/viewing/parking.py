"""What operators do about facts set aside: try again in order, or go on without one.

A replay and a discard take the locks of a batch in its order (the offsets first, then rows), so
they and the view's worker wait for each other; each stream is one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import structlog
from prometheus_client import Counter

from shared.postgres import Connection
from shared.refusals import Refusal
from shared.viewing.hearing import Marked, headers_from, hear, is_nameless
from shared.viewing.parked import NotSetAside, gone, streams_of, text_of
from shared.viewing.store import ViewStore, aside_of, discarded
from shared.viewing.view import View

log = structlog.get_logger()

replayed_total = Counter(
    "siku_view_replayed_total", "Replays of a stream that was set aside", ["view", "outcome"]
)
discarded_total = Counter("siku_view_discarded_total", "Facts given up by an operator", ["view"])

REASON_LENGTHS = (2, 500)


class NotToDiscard(Refusal):
    """Only the fact that fails can be given up, and only with a reason."""

    code = "not_to_discard"
    title = "不能放弃"


@dataclass(frozen=True)
class Replayed:
    """What became of a stream: how many facts left the queue, how many stay, and why."""

    view: str
    stream: str
    applied: int
    left: int
    error: str


async def replay(store: ViewStore, stream: str, by: str) -> Replayed:
    """Try a stream again, in the order of its versions, in one transaction.

    What can be applied is applied, what queued behind it too; what fails again stays with its new
    error and one attempt more. A record that did not say whose it is goes to its stream as soon
    as the code can tell.

    Raises:
        NotSetAside: nothing of this stream waits.
    """
    view = store.view.name
    async with store.pool.acquire() as connection, connection.transaction():
        before = await _locked(connection, view, stream)
        if not before:
            raise gone(stream)
        await _try(store, connection, stream, before)
        left = await _waiting(connection, view, stream)
        await _note_attempt(connection, before, left, by)
    error = next((row["error"] for row in left.values()), "")
    replayed_total.labels(view, "stays" if left else "applied").inc()
    log.info("stream_replayed", view=view, stream=stream, account=by, left=len(left), error=error)
    return Replayed(view, stream, len(before.keys() - left.keys()), len(left), error)


async def follow(connection: Connection, store: ViewStore, live: View) -> set[str]:
    """Do in a new generation what operators did in the live view since it took over the queue.

    The caller's transaction holds the offsets of the live view.

    Returns:
        the keys of the rows that it touched and the streams that it moved.
    """
    rows = await connection.fetch(
        "select distinct stream from viewing.waiting n where view = $1 and reason = 'failed' "
        "and not exists (select from viewing.waiting l where l.view = $2 "
        "and l.stream = n.stream and l.version = n.version and l.reason = 'failed') "
        "order by stream",
        store.view.name,
        live.name,
    )
    touched: set[str] = set()
    for row in rows:
        before = await _waiting(connection, store.view.name, row["stream"])
        touched |= await _try(store, connection, row["stream"], before)
    return touched


async def replay_all(store: ViewStore, by: str) -> list[Replayed]:
    """Try every stream of a view, each in a transaction of its own."""
    outcomes = []
    for stream in await streams_of(store.pool, store.view.name):
        try:
            outcomes.append(await replay(store, stream, by))
        except NotSetAside:
            continue  # the worker was faster
    return outcomes


async def discard(store: ViewStore, stream: str, version: int, why: str, by: str) -> Replayed:
    """Give up a fact that fails: this view never folds it, and its stream goes on without it.

    Who, when, why and the record itself are written down for good in the same transaction.

    Raises:
        NotSetAside: it does not wait (any more).
        NotToDiscard: there is no reason given, or it is not this fact that fails.
    """
    view, why = store.view.name, why.strip()
    least, most = REASON_LENGTHS
    if not least <= len(why) <= most:
        raise NotToDiscard(f"请写明放弃的原因（{least}–{most} 字），它会永久留存。")
    async with store.pool.acquire() as connection, connection.transaction():
        before = await _locked(connection, view, stream)
        row = before.get(version)
        if row is None:
            raise gone(stream, version)
        if refused := not_to_discard(row["reason"]):
            raise NotToDiscard(refused)
        names = dict(headers_from(row["headers"]))
        await connection.execute(
            "insert into viewing.discarded (view, stream, version, event_id, reason, by_account, "
            'topic, partition, "offset", key, headers, body, error, since) '
            "select view, stream, version, $4, $5, $6, topic, partition, "
            '"offset", key, headers, body, error, since from viewing.waiting '
            "where view = $1 and stream = $2 and version = $3",
            view,
            stream,
            version,
            text_of(names.get("ce_id"))[:64] or None,
            why,
            by,
        )
        if is_nameless(stream):
            await _forget(connection, row)
        else:
            await connection.execute(
                "update viewing.waiting set reason = 'queued' "
                "where view = $1 and stream = $2 and version = $3",
                view,
                stream,
                version,
            )
            # The store meets the decision where it would fold, here as when the fact comes again.
            await store.go_on(connection, stream)
        left = await _waiting(connection, view, stream)
        await _keep_since(connection, before, left)
    discarded_total.labels(view).inc()
    log.warning(
        "fact_discarded", view=view, stream=stream, version=version, account=by, left=len(left)
    )
    error = next((row["error"] for row in left.values()), "")
    return Replayed(view, stream, len(before.keys() - left.keys()) - 1, len(left), error)


def not_to_discard(reason: str) -> str:
    """Say why a fact set aside for this reason cannot be given up; empty when it can."""
    match reason:
        case "ahead":
            return (
                "这件没有出错，是前面缺了一件。放弃它只会多缺一件。"
                "请让转发进程重新送达缺的那件，它到了以后本件自动办理。"
            )
        case "queued":
            return "这件没有出错，是在等前面出错的那件。请先重试或放弃前面那件。"
        case _:
            return ""


async def _locked(connection: Connection, view: str, stream: str) -> dict[int, asyncpg.Record]:
    """Hold what a batch of the stream's partition would hold; give what waits, in order."""
    await connection.execute(
        "select 1 from viewing.offsets where view = $1 and (topic, partition) in "
        "(select topic, partition from viewing.waiting where view = $1 and stream = $2) "
        "order by topic, partition for update",
        view,
        stream,
    )
    return await _waiting(connection, view, stream)


async def _waiting(connection: Connection, view: str, stream: str) -> dict[int, asyncpg.Record]:
    rows = await connection.fetch(
        "select * from viewing.waiting where view = $1 and stream = $2 order by version",
        view,
        stream,
    )
    return {row["version"]: row for row in rows}


async def _try(
    store: ViewStore, connection: Connection, stream: str, before: Mapping[int, asyncpg.Record]
) -> set[str]:
    if is_nameless(stream):
        touched: set[str] = set()
        for row in before.values():
            touched |= await _name(store, connection, row)
        return touched
    await connection.execute(
        "update viewing.waiting set reason = 'queued' "
        "where view = $1 and stream = $2 and reason = 'failed'",
        store.view.name,
        stream,
    )
    return await store.go_on(connection, stream)


async def _name(store: ViewStore, connection: Connection, row: asyncpg.Record) -> set[str]:
    """Bring a record to its stream if it now says whose it is; let it go if it was given up."""
    record = aside_of(row).record
    again = hear(record, store.view.owner_of(record.topic))
    given_up = await discarded(connection, store.view, [row["stream"]])
    if (row["stream"], row["version"]) in given_up:
        await _forget(connection, row)
        return set()
    if isinstance(again, Marked) or is_nameless(again.stream):
        return set()
    await _forget(connection, row)
    return await store.apply_alone(connection, record, again)


async def _forget(connection: Connection, row: asyncpg.Record) -> None:
    await connection.execute(
        "delete from viewing.waiting where view = $1 and stream = $2 and version = $3",
        row["view"],
        row["stream"],
        row["version"],
    )


async def _keep_since(
    connection: Connection,
    before: Mapping[int, asyncpg.Record],
    left: Mapping[int, asyncpg.Record],
) -> None:
    """Give a fact that was taken up and put back the age and the attempts that it had."""
    await connection.executemany(
        "update viewing.waiting set since = $4, attempts = $5 "
        "where view = $1 and stream = $2 and version = $3 and since <> $4",
        [
            (row["view"], row["stream"], version, row["since"], row["attempts"])
            for version, row in before.items()
            if version in left
        ],
    )


async def _note_attempt(
    connection: Connection,
    before: Mapping[int, asyncpg.Record],
    left: Mapping[int, asyncpg.Record],
    by: str,
) -> None:
    await _keep_since(connection, before, left)
    tried = [row for row in left.values() if row["reason"] == "failed"] or [*left.values()][:1]
    await connection.executemany(
        "update viewing.waiting set attempts = attempts + 1, last_tried = now(), "
        "last_tried_by = $4 where view = $1 and stream = $2 and version = $3",
        [(row["view"], row["stream"], row["version"], by) for row in tried],
    )
