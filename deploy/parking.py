"""`siku parked`: what the views of a running stack have set aside, and the two acts about it."""

import asyncio
import getpass
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import asyncpg
import orjson
import structlog
import typer

from deploy.embedded.home import Home, default_home
from shared.refusals import Refusal

if TYPE_CHECKING:
    from shared.viewing import ViewStore
    from shared.viewing.parking import Replayed

STILL_ASIDE = 3
"""Exit code when facts are (still) set aside, as for `siku verify`."""

app = typer.Typer(help="搁置的事实：查看、重试、放弃", no_args_is_help=True)

HomeOption = Annotated[
    Path, typer.Option("--home", help="数据目录", default_factory=default_home, show_default=False)
]
StreamName = Annotated[str, typer.Argument(help="事件流")]
VersionNumber = Annotated[int, typer.Argument(help="流内序号", min=0, max=2**31 - 1)]
ViewName = Annotated[str, typer.Argument(help="视图")]
JsonOption = Annotated[bool, typer.Option("--json", help="供脚本使用")]


Why = Literal["failed", "queued", "ahead"]
_WORDS: dict[str, str] = {"failed": "出错", "queued": "排队", "ahead": "缺前一件"}


def say(text: str) -> None:
    """Write one line for the person at the keyboard."""
    sys.stdout.write(text + "\n")


def _tell(document: object) -> None:
    say(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


@asynccontextmanager
async def _stores(home: Home, view: str | None) -> "AsyncIterator[Mapping[str, ViewStore]]":
    """Open the views of a running stack, or of the container that we are in; all or one of them."""
    from deploy.rebuilding import views
    from shared.journal import open_pool
    from shared.viewing import ViewStore

    if "SIKU_DATABASE_URL" not in os.environ and not home.is_held():
        raise Refusal(f"没有在运行：{home.path}")
    found = {name: one for name, one in views(home).items() if view in {None, name}}
    if not found:
        raise Refusal(f"没有视图 {view}。" if view else "这个服务没有视图。")
    async with AsyncExitStack() as opened:
        pools = {
            url: await opened.enter_async_context(await open_pool(url, most=2))
            for url in {one.database_url for one in found.values()}
        }
        yield {name: ViewStore(pools[one.database_url], one.view) for name, one in found.items()}


def _run(
    home: Path, view: str | None, act: "Callable[[Mapping[str, ViewStore]], Awaitable[int]]"
) -> None:
    """Act on the stores and end with the exit code that comes of it; a refusal ends with 1."""
    place = Home(home.resolve())
    # What is answered goes to standard output, for scripts; what happens beside it does not.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

    async def run() -> int:
        async with _stores(place, view) as stores:
            return await act(stores)

    try:
        code = asyncio.run(run())
    except (Refusal, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as refused:
        say(f"没有办成：{refused}")
        code = 1
    raise typer.Exit(code)


@app.command("list")
def list_parked(
    home: HomeOption,
    view: Annotated[str | None, typer.Option("--view", help="只看这个视图")] = None,
    reason: Annotated[Why | None, typer.Option("--reason", help="只看这种原因")] = None,
    hours: Annotated[
        int | None, typer.Option("--hours", help="只看最近几小时内搁置的", min=1, max=10**6)
    ] = None,
    rows: Annotated[int, typer.Option("--rows", help="每个视图最多列出几件", min=1, max=200)] = 50,
    as_json: JsonOption = False,
) -> None:
    """列出搁置的事实。退出码：0 没有，3 有。"""
    from shared.viewing import parked

    begin = datetime.now(UTC) - timedelta(hours=hours) if hours else None

    async def show(stores: "Mapping[str, ViewStore]") -> int:
        found = {
            name: await parked.listed(
                store.pool, view=store.view.name, reason=reason, since=begin, rows=rows
            )
            for name, store in stores.items()
        }
        pages = found.values()
        by_reason: Counter[str] = Counter()
        for page in pages:
            by_reason.update(page.by_reason)
        facts = [replace(fact, view=name) for name, page in found.items() for fact in page.facts]
        if as_json:
            streams = sum(page.streams for page in pages)
            _tell(
                {
                    "total": by_reason.total(),
                    "streams": streams,
                    "by_reason": by_reason,
                    "facts": facts,
                }
            )
        else:
            for fact in facts:
                since = f"{fact.since.astimezone():%Y-%m-%d %H:%M:%S}"
                say(
                    f"{_WORDS[fact.reason]:<4} {fact.view} {fact.stream} {fact.version}  "
                    f"{fact.kind or '种类读不出'}  后面排队 {fact.behind}  "
                    f"重试 {fact.attempts} 次  {since}  {fact.error[:120]}".rstrip()
                )
            counted = "，".join(
                f"{word} {by_reason[code]}" for code, word in _WORDS.items() if by_reason[code]
            )
            say(f"共搁置 {by_reason.total()} 件{f'（{counted}）' if counted else ''}。")
        return STILL_ASIDE if by_reason.total() else 0

    _run(home, view, show)


@app.command("show")
def show_parked(
    view: ViewName,
    stream: StreamName,
    version: VersionNumber,
    home: HomeOption,
    body: Annotated[
        bool, typer.Option("--body", help="连同内容原文（可能是不公开的内容，勿外传）")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """一件搁置的事实：信封、内容的样子、错误、在哪里。"""
    from shared.viewing import outline, parked, parking

    async def show(stores: "Mapping[str, ViewStore]") -> int:
        store = stores[view]
        found = await parked.shown(store.pool, store.view.name, stream, version)
        fact = found.parked
        headers, lines = outline.header_lines(found.headers), outline.body_lines(found.body)
        text = found.body.decode(errors="backslashreplace") if body else None
        if as_json:
            _tell({"fact": fact, "headers": headers, "body": lines, "text": text})
            return 0
        say(f"{view} {fact.stream} 第 {fact.version} 号：{_WORDS[fact.reason]}")
        say(f"  错误      {fact.error or '—'}")
        say(f"  在        {fact.topic} 分区 {fact.partition} 位移 {fact.offset}")
        say(f"  搁置于    {fact.since.astimezone():%Y-%m-%d %H:%M:%S}")
        say(f"  已重试    {fact.attempts} 次，后面排队 {fact.behind} 件")
        if refused := parking.not_to_discard(fact.reason):
            say(f"  不能放弃  {refused}")
        say("信封")
        for line in headers:
            say(f"  {line.place:<18} {line.what}")
        say(f"内容的样子（{len(found.body)} 字节）")
        for line in lines:
            say(f"  {line.place or '全文':<18} {line.what}")
        if text is not None:
            say(f"内容原文\n{text}")
        return 0

    _run(home, view, show)


@app.command("replay")
def replay_parked(
    home: HomeOption,
    view: Annotated[str | None, typer.Argument(help="视图；不写则为全部视图")] = None,
    stream: Annotated[str | None, typer.Argument(help="事件流；不写则为该视图的全部")] = None,
    as_json: JsonOption = False,
) -> None:
    """按流内次序重试。退出码：0 都已接上，3 仍有搁置。"""
    from shared.viewing import parking

    async def replay(stores: "Mapping[str, ViewStore]") -> int:
        outcomes = []
        for name, store in stores.items():
            if stream is None:
                done = await parking.replay_all(store, _who())
            else:
                done = [await parking.replay(store, stream, _who())]
            outcomes += [replace(one, view=name) for one in done]
        return _outcomes(outcomes, as_json=as_json)

    _run(home, view, replay)


@app.command("discard")
def discard_parked(
    view: ViewName,
    stream: StreamName,
    version: VersionNumber,
    home: HomeOption,
    reason: Annotated[str, typer.Option("--reason", help="为何放弃（永久留存）")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
    as_json: JsonOption = False,
) -> None:
    """放弃一件出错的事实：这个视图永远不再办理它，后面的依次办理。不可撤回。"""
    from shared.viewing import parking

    if not yes:
        typer.confirm(f"放弃 {view} {stream} 第 {version} 号，不可撤回。确定吗？", abort=True)

    async def discard(stores: "Mapping[str, ViewStore]") -> int:
        done = await parking.discard(stores[view], stream, version, reason, _who())
        return _outcomes([done], as_json=as_json)

    _run(home, view, discard)


def _outcomes(outcomes: "Sequence[Replayed]", *, as_json: bool) -> int:
    left = sum(one.left for one in outcomes)
    if as_json:
        _tell({"left": left, "outcomes": outcomes})
    else:
        for one in outcomes:
            stays = f"，仍搁置 {one.left} 件：{one.error}" if one.left else "，已接上"
            say(f"{one.view} {one.stream}：办理 {one.applied} 件{stays}")
        say(f"仍搁置 {left} 件。" if left else "没有搁置的了。")
    return STILL_ASIDE if left else 0


def _who() -> str:
    """Name who acts: whoever may run this has the machine, and no account of ours."""
    return f"cli:{getpass.getuser()}"
