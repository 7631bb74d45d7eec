"""The SQL of a view's tables: made, filled, indexed, renamed, thrown away."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from shared.postgres import Connection
from shared.viewing.folding import State
from shared.viewing.view import Owner, View

Columns = tuple[tuple[str, str], ...]


async def create_bare(connection: Connection, view: View) -> None:
    """Make the tables without keys and indexes, ready to be filled by COPY."""
    columns = {name: kind for owner in view.owners for name, kind in owner.columns.items()}
    await connection.execute(
        f"create table {view.table} (key text not null, {_typed(columns)});"
        f"comment on table {view.table} is '{view.version}';"
        f"create table {view.streams} (stream text not null, version integer not null);"
        + "".join(
            f"create table {table} (key text not null, recorded_from timestamptz not null, "
            f"present boolean not null, {_typed(owner.columns)});"
            for table, owner in view.histories.items()
        )
    )


def parts(view: View) -> list[tuple[Owner[Any], str]]:
    """Give for each owner the table that its columns are copied into before ``index``.

    One owner's rows are the view's rows; several owners' rows are joined afterwards.
    """
    if len(view.owners) == 1:
        return [(view.owners[0], view.table)]
    return [(owner, f"views.{view.name}_{owner.name}_part") for owner in view.owners]


async def join_parts(connection: Connection, view: View) -> None:
    """Put the rows of several owners together."""
    if len(view.owners) == 1:
        return
    names = ", ".join(name for owner in view.owners for name in owner.columns)
    (_, first), *others = parts(view)
    joined = first + "".join(f" full join {part} using (key)" for _, part in others)
    await connection.execute(
        f"insert into {view.table} (key, {names}) select key, {names} from {joined}"
    )
    await connection.execute(f"drop table {', '.join(part for _, part in parts(view))}")


async def create_parts(connection: Connection, view: View) -> None:
    """Make the tables that several owners' rows are copied into."""
    if len(view.owners) > 1:
        for owner, part in parts(view):
            await connection.execute(
                f"create table {part} (key text not null, {_typed(owner.columns)})"
            )


async def index(connection: Connection, view: View) -> None:
    """Give filled tables their keys and indexes.

    Raises:
        asyncpg.UniqueViolationError: two rows have one key, so a key was told on two partitions.
    """
    await connection.execute(
        f"alter table {view.table} add primary key (key);"
        f"alter table {view.streams} add primary key (stream);"
        + "".join(
            f"alter table {table} add primary key (key, recorded_from);" for table in view.histories
        )
        + "".join(f"create index on {view.table} {columns};" for columns in view.indexes)
    )


async def create(connection: Connection, view: View) -> None:
    """Make empty tables as a worker needs them."""
    await create_bare(connection, view)
    await index(connection, view)


async def drop(connection: Connection, view: View) -> None:
    """Throw the tables away, with what was read for them and set aside."""
    names = {*view.tables, *(part for _, part in parts(view))}
    await connection.execute(f"drop table if exists {', '.join(sorted(names))}")
    await connection.execute("delete from viewing.offsets where view = $1", view.name)
    await connection.execute("delete from viewing.waiting where view = $1", view.name)


async def analyze(connection: Connection, view: View) -> None:
    """Tell the planner what was filled in."""
    await connection.execute(f"analyze {', '.join(view.tables)}")


async def rename(connection: Connection, view: View, becomes: View) -> None:
    """Let one generation's tables take the names of another, which must be free."""
    for was, name in zip(view.tables, becomes.tables, strict=True):
        await connection.execute(f"alter table if exists {was} rename to {name.partition('.')[2]}")


async def made_version(connection: Connection, view: View) -> int | None:
    """Give the version that the view's table was made for; None when there is no table."""
    made = await connection.fetchval("select obj_description(to_regclass($1))", view.table)
    return int(made) if made is not None else None


async def upsert(
    connection: Connection, view: View, owner: Owner[Any], keys: Sequence[str], rows: Sequence[Any]
) -> None:
    """Write rows of one owner, each over what stood there."""
    if keys:
        await connection.execute(
            _upsert(view.table, _columns(owner)), keys, *zip(*rows, strict=True)
        )


async def clear(connection: Connection, view: View, owner: Owner[Any], keys: Sequence[str]) -> None:
    """Empty one owner's columns; a row that no owner fills any more goes."""
    if not keys:
        return
    cleared = ", ".join(f"{name} = null" for name in owner.columns)
    await connection.execute(f"update {view.table} set {cleared} where key = any($1)", keys)
    empty = " and ".join(f"{name} is null" for o in view.owners for name in o.columns)
    await connection.execute(f"delete from {view.table} where key = any($1) and {empty}", keys)


async def record_versions(
    connection: Connection, view: View, versions: Sequence[tuple[str, int]]
) -> None:
    """Write down up to which version each stream was heard."""
    await connection.execute(
        f"insert into {view.streams} (stream, version) select * from unnest($1::text[], $2::int[]) "
        "on conflict (stream) do update set version = excluded.version",
        [stream for stream, _ in versions],
        [version for _, version in versions],
    )


async def remember(
    connection: Connection, view: View, owner: Owner[Any], states: Sequence[State]
) -> None:
    """Write states of rows into the history; one instant has one state."""
    if states:
        await connection.execute(
            _remember(view.history_of(owner), _columns(owner)),
            *zip(*flat(owner, states), strict=True),
        )


def flat(owner: Owner[Any], states: Sequence[State]) -> list[tuple[Any, ...]]:
    """Lay states out as rows of the history's table."""
    nothing = (None,) * len(owner.columns)
    return [
        (key, instant, row is not None, *(nothing if row is None else row))
        for key, instant, row in states
    ]


def rows_at(view: View, until: str) -> str:
    """Give SQL for the rows that the system had recorded before an instant.

    ``until`` is how the instant stands in the query, such as ``$1``. Asked for one key, the
    query looks at the states of that key alone where the view has one owner.

    Raises:
        ValueError: the view keeps no history.
    """
    if not view.history:
        raise ValueError(view.name)
    # The last instants come from the primary key alone; sorting whole rows takes twice as long.
    parts = [
        f"(select key, {', '.join(owner.columns)} from (select key, max(recorded_from) as "
        f"recorded_from from {table} where recorded_from < {until} group by key) "
        f"as {owner.name}_last join {table} using (key, recorded_from) where present) "
        f"as {owner.name}_rows"
        for table, owner in view.histories.items()
    ]
    names = [name for owner in view.owners for name in owner.columns]
    joined = parts[0] + "".join(f" full join {part} using (key)" for part in parts[1:])
    return f"select key, {', '.join(names)} from {joined}"


def _typed(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


@lru_cache
def _upsert(table: str, columns: Columns) -> str:
    names = ", ".join(name for name, _ in columns)
    return (
        f"insert into {table} (key, {names}) "
        f"select * from unnest($1::text[], {_arrays(columns, 2)}) "
        f"on conflict (key) do update set {_excluded(columns)}"
    )


@lru_cache
def _remember(table: str, columns: Columns) -> str:
    names = ", ".join(name for name, _ in columns)
    return (
        f"insert into {table} (key, recorded_from, present, {names}) "
        "select * from unnest($1::text[], $2::timestamptz[], $3::boolean[], "
        f"{_arrays(columns, 4)}) on conflict (key, recorded_from) "
        f"do update set present = excluded.present, {_excluded(columns)}"
    )


def _columns(owner: Owner[Any]) -> Columns:
    return tuple(owner.columns.items())


def _arrays(columns: Columns, first: int) -> str:
    return ", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(columns, start=first))


def _excluded(columns: Columns) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name, _ in columns)
