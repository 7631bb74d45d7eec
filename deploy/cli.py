"""`siku`, the one command line: starts and stops a stack, tells its state, moves its clock."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperGroup

from deploy.embedded.following import Following, show
from deploy.embedded.home import Home, HomeBusy, default_home
from deploy.embedded.ports import PortTaken, free_ports, ports_from, usual_ports
from deploy.parking import app as parked_app

if TYPE_CHECKING:
    from deploy.embedded.launcher import Stack

app = typer.Typer(
    help="四库：全市投资项目全生命周期管理系统", no_args_is_help=True, add_completion=False
)
clock_app = typer.Typer(help="业务时间", no_args_is_help=True)
contracts_app = typer.Typer(help="事件与接口的书面描述", no_args_is_help=True)
app.add_typer(clock_app, name="clock")
app.add_typer(contracts_app, name="contracts")
app.add_typer(parked_app, name="parked")

HomeOption = Annotated[
    Path, typer.Option("--home", help="数据目录", default_factory=default_home, show_default=False)
]


def say(text: str) -> None:
    """Write one line for the person at the keyboard, at once even into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def choose_ports(home: Home, base: int | None, *, free: bool) -> dict[str, int]:
    """Return the asked ports, else those that the home used last, else the usual ones."""
    if free:
        return free_ports()
    if base is not None:
        return ports_from(base)
    note = home.read_note()
    return usual_ports() | (note["ports"] if note is not None else {})


@app.command()
def up(
    home: HomeOption,
    real: Annotated[bool, typer.Option("--real", help="新建正式环境（不用演示时间）")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="就绪后在后台运行")] = False,
    port_base: Annotated[
        int | None, typer.Option(envvar="SIKU_PORT_BASE", help="从此端口起依次使用")
    ] = None,
    free: Annotated[bool, typer.Option("--free-ports", help="自动选用空闲端口")] = False,
    wait: Annotated[int, typer.Option(help="后台启动时最多等待的秒数")] = 180,
    with_demo: Annotated[bool, typer.Option("--demo", help="就绪后装入示例城市")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示各进程的日志")] = False,
) -> None:
    """启动整套系统（前台运行，Ctrl-C 停止）。"""
    place = Home(home.resolve())
    if detach:
        extra = ["--demo"] if with_demo else []
        raise typer.Exit(
            _detach(place, extra, real=real, port_base=port_base, free=free, wait=wait)
        )
    from deploy.embedded.launcher import Stack

    ports = choose_ports(place, port_base, free=free)
    stack = Stack(place.path, ports=ports, durable=True, real=real, tell=_tell)
    raise typer.Exit(asyncio.run(serve(stack, logs=not quiet, with_demo=with_demo)))


async def serve(stack: "Stack", *, logs: bool = True, with_demo: bool = False) -> int:
    """Run a stack in the foreground until a signal asks to stop; return the exit code."""
    from deploy.embedded.children import NotReady
    from deploy.embedded.kafka import NoKafka
    from deploy.embedded.launcher import StepFailed
    from deploy.embedded.postgres import NoPostgres

    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (SIGINT, SIGTERM, SIGHUP):
        loop.add_signal_handler(number, asked_to_stop.set)
    following = Following(stack.home.make().logs)
    showing = asyncio.create_task(_keep_showing(following, say if logs else _leave_out))
    begun = time.monotonic()
    _tell(f"starting in {stack.home.path}")
    starting = asyncio.create_task(stack.start())
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            _welcome(stack.url("console.web"), time.monotonic() - begun)
            if with_demo:
                await _fill(stack.home, stopping)
            await stopping
        else:
            starting.cancel()
            await asyncio.wait({starting})
        return 0
    except HomeBusy:
        say(f"该数据目录已有一套系统在运行：{stack.home.path}")
        return 1
    except PortTaken as taken:
        say(f"端口已被占用：{taken}。可用 --port-base 或 --free-ports 另选端口。")
        return 1
    except (StepFailed, NotReady, NoPostgres, NoKafka, OSError) as failed:
        say(f"启动失败：{failed}\n日志目录：{stack.home.logs}")
        return 1
    finally:
        _tell("stopping")
        await stack.stop()
        showing.cancel()
        _tell("stopped")


async def _fill(home: Home, stopping: "asyncio.Task[bool]") -> None:
    """Load the example city beside a running stack; a stop does not wait for it."""
    from deploy.importing import FAILURES, demonstrate

    begun = time.monotonic()
    filling = asyncio.create_task(demonstrate(home, say))
    await asyncio.wait({filling, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not filling.done():
        filling.cancel()
        return
    try:
        filling.result()
        say(f"示例城市已装入（{time.monotonic() - begun:.0f} 秒）。")
    except FAILURES as failed:
        say(f"示例城市没有装完，可用 siku demo 再装：{failed}")


def _tell(happening: str) -> None:
    say(f"{time.strftime('%H:%M:%S')} {'siku':<5} │ {happening}")


async def _keep_showing(following: Following, tell: Callable[[str], None]) -> None:
    while True:
        show(following, tell)
        await asyncio.sleep(0.25)


def _leave_out(_: str) -> None:
    """Show nothing; the logs are still looked after."""


def _welcome(console: str, seconds: float) -> None:
    say(
        f"\n  四库已就绪（{seconds:.1f} 秒）\n"
        f"  请用浏览器打开  {console}\n"
        "  示例账号与口令见登录页；按 Ctrl-C 停止。\n"
    )


def _detach(
    home: Home, extra: list[str], *, real: bool, port_base: int | None, free: bool, wait: int
) -> int:
    from deploy.embedded.outside import wait_ready

    log = home.make().logs / "siku.log"
    command = [sys.executable, "-m", "deploy.cli", "up", "--quiet", "--home", str(home.path)]
    command += extra
    command += ["--real"] if real else []
    command += ["--free-ports"] if free else []
    command += ["--port-base", str(port_base)] if port_base is not None else []
    begun = time.monotonic()
    with log.open("ab") as output:
        started = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    limit = begun + wait
    while time.monotonic() < limit:
        found = asyncio.run(wait_ready(home, 0.5))
        if started.poll() is not None:
            say(log.read_text(errors="replace")[-2000:])
            return 1
        if found["ready"]:
            _welcome(found["console"], time.monotonic() - begun)
            return 0
    say(f"{wait} 秒内未就绪，见 {log}")
    return 1


@app.command()
def down(home: HomeOption) -> None:
    """停止整套系统。"""
    from deploy.embedded.outside import stop

    say("已停止。" if stop(Home(home.resolve())) else "没有在运行。")


@app.command()
def status(
    home: HomeOption,
    wait: Annotated[int, typer.Option(help="最多等待就绪的秒数")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="供脚本使用")] = False,
    memory: Annotated[bool, typer.Option("--memory", help="各进程占用的内存")] = False,
) -> None:
    """各进程是否就绪；全部就绪时退出码为 0。"""
    from deploy.embedded import outside

    place = Home(home.resolve())
    found = asyncio.run(outside.wait_ready(place, wait))
    sizes = outside.memory(place) if memory else {}
    if as_json:
        extra = {"memory": sizes, "memory_sum": sum(sizes.values())} if memory else {}
        say(json.dumps({**found, **extra}, ensure_ascii=False))
    else:
        for row in found["processes"]:
            mark = "就绪" if row["ready"] else "未就绪"
            pid = row["pid"] or "-"
            say(f"{row['name']:<14} {row['port']:>6} {pid:>8}  {mark}  重启 {row['restarts']} 次")
        for name, size in sizes.items():
            say(f"{name:<14} {size / 2**20:>8.1f} MB")
        if sizes:
            say(f"{'合计':<12} {sum(sizes.values()) / 2**20:>8.1f} MB（PSS）")
        say(f"已就绪：{found['console']}" if found["ready"] else "尚未就绪。")
    raise typer.Exit(0 if found["ready"] else 1)


@clock_app.command("show")
def clock_show(home: HomeOption) -> None:
    """显示业务时间。"""
    from shared.clock import SHANGHAI, Clock

    clock = Clock(home.resolve())
    name = "演示时间" if clock.demonstration else "业务时间"
    say(f"{name} {clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}")


@clock_app.command("advance")
def clock_advance(
    by: Annotated[str, typer.Argument(help="向前拨动多少：90s、30m、2h、3d、1w，可连写 1d12h")],
    home: HomeOption,
) -> None:
    """向前拨动演示时间（只能向前）。"""
    from shared.clock import SHANGHAI, ClockRefused, advance

    try:
        now = advance(home.resolve(), duration(by))
    except ClockRefused as refused:
        say(str(refused))
        raise typer.Exit(1) from None
    say(f"演示时间 {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}")


def duration(text: str) -> timedelta:
    """Read "3d" or "1d12h".

    Raises:
        typer.BadParameter: the text is nothing of the kind.
    """
    parts = re.findall(r"(\d+)([smhdw])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise typer.BadParameter("请写成 90s、30m、2h、3d、1w 或 1d12h 的形式")
    names = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    return sum((timedelta(**{names[unit]: int(number)}) for number, unit in parts), timedelta())


@app.command()
def verify(
    home: HomeOption,
    views: Annotated[
        Literal["full", "sample", "none"], typer.Option(help="视图重算：逐行、抽查、不做")
    ] = "sample",
    keys: Annotated[int, typer.Option(min=1, help="抽查时每个视图多少个键")] = 200,
    seed: Annotated[str, typer.Option(help="抽查的种子，缺省随机并显示")] = "",
    since: Annotated[
        Path | None, typer.Option(help="上次 --result 写下的文件：只核对其后的，并核对其前的还在")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="有 --since 也从头核对")] = False,
    result: Annotated[Path | None, typer.Option(help="结果写入此文件（JSON）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一份 JSON")] = False,
    anchor: Annotated[
        list[Path] | None, typer.Option(help="存证文件，可多份：只拿日志与它核对，不用 Kafka")
    ] = None,
    fingerprint: Annotated[str, typer.Option(help="所信公钥的指纹；缺省用本数据目录的公钥")] = "",
) -> None:
    """核对：流链、总链、日志与 Kafka、视图与重算；或日志与存证。

    退出码：0 一致；1 有差异；2 没有核对完；3 一致，但有搁置或放弃的事实。
    """
    from deploy.embedded.outside import lend_addresses
    from shared.verifying.command import Wish, names_databases, verify_command

    place = Home(home.resolve())
    if not (anchor and names_databases()):
        if not place.is_held():
            say(f"没有在运行：{place.path}")
            raise typer.Exit(2)
        lend_addresses(place, os.environ)
    os.environ["SIKU_HOME"] = str(place.path)
    wish = Wish(views, keys, seed, since, whole, result, as_json, anchor or (), fingerprint)
    raise typer.Exit(verify_command(wish))


@app.command()
def rebuild(
    what: Annotated[
        str, typer.Argument(help="视图的名字；或 status（进度）、abort（中止）、prune（清除旧表）")
    ],
    home: HomeOption,
    view: Annotated[str, typer.Argument(help="abort、prune 的视图；prune 不写即全部")] = "",
    check: Annotated[bool, typer.Option("--verify", help="替换前与现有视图逐行核对")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="替换下的表保留到 prune")] = False,
    key: Annotated[str, typer.Option("--key", help="只重做这一个键（如项目编号）的行")] = "",
    processes: Annotated[int, typer.Option(help="用几个进程；0 为处理器个数", min=0)] = 0,
) -> None:
    """从头重建一个视图：在旁边做好再替换，期间照常使用。"""
    from deploy import rebuilding

    place = Home(home.resolve())
    match what:
        case "status":
            code = rebuilding.status(place, say)
        case "abort":
            code = rebuilding.abort(place, view, say)
        case "prune":
            code = rebuilding.prune_tables(place, view, say)
        case name:
            how = {"verify": check, "keep": keep, "processes": processes}
            code = rebuilding.run(place, name, key, say, **how)
    raise typer.Exit(code)


@app.command()
def relay(
    home: HomeOption,
    service: Annotated[str, typer.Argument(help="只看这个服务；不写即全部")] = "",
    again: Annotated[
        bool, typer.Option("--republish", help="重建丢失的主题，按日志从头重发全部事实")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """事实送到了第几位、主题是否完好；主题丢失时重发。"""
    from deploy import relaying

    place = Home(home.resolve())
    if not place.is_held():
        say(f"没有在运行：{place.path}")
        raise typer.Exit(1)
    if not again:
        raise typer.Exit(relaying.status(place, service, say))
    raise typer.Exit(
        relaying.republish(place, service, say, lambda asked: yes or typer.confirm(asked))
    )


@app.command()
def sweep(
    home: HomeOption,
    now: Annotated[bool, typer.Option("--now", help="现在就扫一次，搁置的不等间隔也再试")] = False,
) -> None:
    """到期扫描：各跑到哪里，哪些事件流问不成。退出码：0 正常，3 有搁置。"""
    from deploy import sweeping

    raise typer.Exit(sweeping.show(Home(home.resolve()), say, now=now))


class _FilesUnlessNamed(TyperGroup):
    """``siku import FILE…`` is ``siku import files FILE…``: files are what is mostly imported."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Read the arguments, with what they are about put in front where it is left out."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["files", *args]
        return super().parse_args(ctx, args)


import_app = typer.Typer(help="导入表格", cls=_FilesUnlessNamed, no_args_is_help=True)
app.add_typer(import_app, name="import")


@import_app.command("opening")
def import_opening(
    home: HomeOption,
    file: Annotated[
        Path | None, typer.Argument(help="期初项目表（.xlsx）", exists=True, dir_okay=False)
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="期初日：累计数和所在库截至哪一天"),
    ] = None,
    username: Annotated[str, typer.Option("--as", help="演示环境：以哪个账号装入")] = "",
    machine: Annotated[str, typer.Option("--machine", help="正式环境：机器账号的编号")] = "",
    whole: Annotated[bool, typer.Option("--all", help="有一行出错就一行也不装入")] = False,
    template: Annotated[Path | None, typer.Option(help="只写出一份空表，不装入")] = None,
) -> None:
    """装入期初存量项目：不经审核，按原来的日期入库，不算新增、转化和投产。"""
    from deploy.coming_in import by_account, by_machine
    from deploy.importing import FAILURES
    from deploy.opening import load_opening
    from deploy.opening_sheet import write_template

    if template is not None:
        write_template(template)
        say(f"已写出期初表模板：{template}")
        return
    if file is None or as_of is None or bool(username) == bool(machine):
        say("要给出表格、--as-of 期初日，以及 --as 账号（演示环境）或 --machine 机器账号。")
        raise typer.Exit(1)

    def secret() -> str:
        return str(typer.prompt("密钥" if machine else "密码", hide_input=True))

    come_in = by_machine(machine, secret) if machine else by_account(username, secret)
    mode: Literal["valid", "all"] = "all" if whole else "valid"
    loading = load_opening(Home(home.resolve()), file, as_of.date(), mode, come_in, say)
    try:
        complete = asyncio.run(loading)
    except FAILURES as failed:
        say(f"没有装入：{failed}")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if complete else 2)


@import_app.command("results")
def import_results_command(
    home: HomeOption,
    file: Annotated[
        Path, typer.Argument(help="办理结果（.xlsx 或 .json）", exists=True, dir_okay=False)
    ],
    username: Annotated[str, typer.Option("--as", help="演示环境：以哪个账号导入")] = "",
    machine: Annotated[str, typer.Option("--machine", help="正式环境：机器账号的编号")] = "",
    check: Annotated[bool, typer.Option("--check", help="只核对，不写入")] = False,
) -> None:
    """导入其他平台的审批办理结果：对上的记入事项，对不上的留待人工匹配；重复导入没有变化。"""
    from deploy.coming_in import by_account, by_machine
    from deploy.importing import FAILURES
    from deploy.results import import_results

    if bool(username) == bool(machine):
        say("要给出 --as 账号（演示环境）或 --machine 机器账号。")
        raise typer.Exit(1)

    def secret() -> str:
        return str(typer.prompt("密钥" if machine else "密码", hide_input=True))

    come_in = by_machine(machine, secret) if machine else by_account(username, secret)
    sending = import_results(Home(home.resolve()), file, come_in, say, check=check)
    try:
        complete = asyncio.run(sending)
    except FAILURES as failed:
        say(f"没有导入：{failed}")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if complete else 2)


@import_app.command("files")
def import_workbooks(
    files: Annotated[
        list[Path], typer.Argument(help="附件1 表格（.xlsx）", exists=True, dir_okay=False)
    ],
    home: HomeOption,
    username: Annotated[str, typer.Option("--as", prompt="用户名", help="以哪个账号报送")],
    whole: Annotated[bool, typer.Option("--all", help="有一行出错就一行也不接收")] = False,
) -> None:
    """核对并接收谋划项目表格，接收即报送。"""
    from deploy.importing import FAILURES, import_files

    def password() -> str:
        return str(typer.prompt("密码", hide_input=True))

    mode: Literal["valid", "all"] = "all" if whole else "valid"
    sending = import_files(Home(home.resolve()), files, username, password, mode, say)
    try:
        complete = asyncio.run(sending)
    except FAILURES as failed:
        say(f"没有导入：{failed}")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if complete else 2)


demo_app = typer.Typer()
app.add_typer(demo_app, name="demo")


@demo_app.callback(invoke_without_command=True)
def demo(context: typer.Context, home: HomeOption) -> None:
    """写入演示数据：31 家谋划主体报送，市、省两级批量审核（只用于演示环境）。"""
    from deploy.importing import FAILURES, demonstrate

    if context.invoked_subcommand is not None:
        return
    try:
        asyncio.run(demonstrate(Home(home.resolve()), say))
    except FAILURES as failed:
        say(f"没有写入：{failed}")
        raise typer.Exit(1) from None


@demo_app.command("approvals")
def demo_approvals(home: HomeOption) -> None:
    """让示例城市前期库的项目走审批手续：逐日拨动演示时间，各单位各办各的事项，中断后可接着走。"""
    from deploy.importing import FAILURES
    from deploy.walking import demonstrate_approvals

    try:
        asyncio.run(demonstrate_approvals(Home(home.resolve()), say))
    except FAILURES as failed:
        say(f"没有走完：{failed}")
        raise typer.Exit(1) from None


@contracts_app.command("write")
def contracts_write() -> None:
    """重新生成事件样例、JSON Schema、AsyncAPI 与 OpenAPI。"""
    from contracts.writing import write_command

    write_command()


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
