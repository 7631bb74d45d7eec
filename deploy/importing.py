"""`siku import` and `siku demo`: sends workbooks in by the doors that the pages use, no other."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from deploy.embedded.home import Home
from deploy.embedded.launcher import local_place
from deploy.embedded.ports import usual_ports
from examples.doors import FAILURES, Doors, DoorT, Mode, Refused
from examples.loading import Progress, fates, load
from examples.plans import bodies

__all__ = ["FAILURES", "demonstrate", "import_files"]

Tell = Callable[[str], None]

_SECONDS = 60.0
_YUAN_PER_YI = 100_000_000


async def open_door(home: Home, stack: AsyncExitStack, kind: type[DoorT]) -> DoorT:
    """Find a door of a running home.

    Raises:
        Refused: nothing runs there.
    """
    note = home.read_note()
    if note is None or not home.is_held():
        raise Refused(f"没有在运行：{home.path}。请先 siku up。")
    urls = local_place(home, usual_ports() | note["ports"]).urls
    identity, service = [
        await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls[name], timeout=_SECONDS, trust_env=False)
        )
        for name in ("identity.web", f"{kind.audience}.web")
    ]
    return kind(identity, service)


async def import_files(
    home: Home,
    files: Sequence[Path],
    username: str,
    password: Callable[[], str],
    mode: Mode,
    tell: Tell,
) -> bool:
    """Send workbooks in under one account; tell what became of each, and whether all went in."""
    whole = True
    async with AsyncExitStack() as stack:
        doors = await open_door(home, stack, Doors)
        known = await doors.example_password(username)
        clerk = await doors.signed_in(username, known or password())
        for path in files:
            upload = await clerk.send(path.name, path.read_bytes())
            tell(
                f"{path.name}：{upload['rows']} 行，可接收 {upload['acceptable']}，"
                f"有错 {upload['wrong']}，有提示 {upload['hinted']}，未变 {upload['unchanged']}"
            )
            for line in await clerk.troubles(upload):
                tell(f"  {line}")
            whole = whole and not upload["wrong"]
            if mode == "all" and upload["wrong"]:
                tell("  按“全部或都不”，没有接收。")
                continue
            taken = await clerk.take_in(upload, mode)
            tell(f"  已接收 {taken.accepted} 个项目并报送。")
    return whole


async def demonstrate(home: Home, tell: Tell) -> None:
    """Load the example city into a running demonstration; say what it came to.

    Raises:
        Refused: nothing runs there, it is no demonstration, or a door said no.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    async with AsyncExitStack() as stack:
        doors = await open_door(home, stack, Doors)
        bars = stack.enter_context(Bars(*columns))
        tasks: dict[str, TaskID] = {}

        def watch(now: Progress) -> None:
            if now.step not in tasks:
                tasks[now.step] = bars.add_task(now.step, total=now.total)
            words = f"{now.step} {now.at}".strip()
            bars.update(tasks[now.step], completed=now.done, description=words)

        loaded = await load(doors, watch)
    units, yi = len(bodies()), loaded.yuan / _YUAN_PER_YI
    tell(f"{units} 家谋划主体，{loaded.projects} 个项目，总投资 {yi:,.2f} 亿元。")
    for fate, count in fates().items():
        tell(f"  {fate.value} {count}")
    if not loaded.changed:
        tell("  以前已经装入，这次没有变化。")
    for one in loaded.refused:
        tell(f"  未办理 {one['project_id']}：{one['why']}")
