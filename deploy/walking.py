"""`siku demo approvals`: takes the example city through its permits on the demonstration clock."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date, datetime, time, timedelta
from itertools import islice

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from deploy.embedded.home import Home
from deploy.importing import Tell, open_door
from examples.approvals import LASTS, Walk, walk
from examples.doors import ApprovalDoors, Doors
from examples.projects import ON
from shared.clock import SHANGHAI, Clock, advance

_MORNING = time(9)
_MOST_LEFT = 20


async def demonstrate_approvals(home: Home, tell: Tell) -> None:
    """Walk to the last day of the demonstration; say what it came to.

    Raises:
        Refused: nothing runs there, it is no demonstration, or no project has a plan.
    """
    clock = Clock(home.path)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())

    async def next_day() -> date:
        day = clock.today() + timedelta(days=1)
        morning = datetime.combine(day, _MORNING, SHANGHAI)
        await asyncio.to_thread(advance, home.path, morning - clock.now())
        return clock.today()

    async with AsyncExitStack() as stack:
        approvals = await open_door(home, stack, ApprovalDoors)
        intake = await open_door(home, stack, Doors)
        bars = stack.enter_context(Bars(*columns))
        task = bars.add_task("审批", total=LASTS.days)

        def watch(now: Walk) -> None:
            done = LASTS.days - max((now.until - now.day).days, 0)
            words = f"{now.day} 办理 {now.acts} 步"
            bars.update(task, completed=done, description=words)

        walked = await walk(approvals, intake, next_day, clock.today(), watch)
    tell(
        f"{walked.plans} 个项目的审批计划走到 {max(clock.today(), ON + LASTS)}："
        f"这次办理 {walked.acts} 步，办结 {walked.granted} 项，"
        f"补正 {walked.corrections} 次，停表 {walked.pauses} 次。"
    )
    tell(f"具备开工条件 {walked.ready} 个，竣工验收办结 {walked.completed} 个。")
    for what, why in islice(walked.left.items(), _MOST_LEFT):
        tell(f"  没有办成 {what}：{why}")
    if len(walked.left) > _MOST_LEFT:
        tell(f"  另有 {len(walked.left) - _MOST_LEFT} 步没有办成。")
