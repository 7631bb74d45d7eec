"""`siku import` and `siku demo`: sends workbooks in by the doors that the pages use, no other.

The example workbooks go in under the account of the body that each belongs to; the city and the
province then review them in bulk, so that a demonstration begins with a full board.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid5

import httpx
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from contracts.reference import Organisation, example_accounts, planning_bodies
from deploy.embedded.home import Home
from deploy.embedded.launcher import local_place
from deploy.embedded.ports import usual_ports
from examples import Example, generate, projects
from examples.projects import ON
from services.intake.doors.rows import ROWS
from services.intake.project.rules import claimed_name

Mode = Literal["valid", "all"]
Tell = Callable[[str], None]

_SECONDS = 60.0
_PATIENCE = 300.0
_AT_ONCE = 500
_TOGETHER = 4
_CITY, _PROVINCE = "shichushen", "shengshenhe"
_REPORTERS = {"county_reporter", "dept_reporter", "enterprise"}


class ImportFailed(Exception):
    """A door said no; the message is what it said."""


FAILURES = (ImportFailed, httpx.HTTPError, OSError, TimeoutError)
"""What a command tells in one sentence instead of a traceback."""


class Fate(Enum):
    """What a demonstration makes of a project."""

    POOLED = "已入谋划库"
    WITH_CITY = "待市级初审"
    WITH_PROVINCE = "待省级审核"
    BACK_FROM_CITY = "市级退回"
    BACK_FROM_PROVINCE = "省级退回"


@dataclass(frozen=True)
class Taken:
    """What became of a workbook."""

    rows: int
    wrong: int
    unchanged: int
    hinted: int
    yuan: int
    accepted: int


class Doors:
    """The doors of identity and intake, and who stands before them."""

    def __init__(
        self, identity: httpx.AsyncClient, intake: httpx.AsyncClient, token: str = ""
    ) -> None:
        """Bind to clients whose base addresses are the services'."""
        self._identity = identity
        self._intake = intake
        self._token = token

    async def example_password(self, username: str = "") -> str | None:
        """Give the password of an example account; a real home has none."""
        answer = await self._identity.get("/accounts/examples")
        if answer.status_code != httpx.codes.OK:
            return None
        told = answer.json()
        known = not username or any(one["username"] == username for one in told["accounts"])
        return str(told["password"]) if known else None

    async def sign_in(self, username: str, password: str) -> "Doors":
        """Give the same doors with this account before them."""
        said = _read(
            await self._identity.post(
                "/token",
                json={
                    "grant_type": "password",
                    "username": username,
                    "password": password,
                    "audience": "intake",
                },
            )
        )
        return Doors(self._identity, self._intake, said["access_token"])

    async def ask(self, method: str, path: str, key: str = "", **content: Any) -> Any:
        """Ask intake.

        Raises:
            ImportFailed: it refused.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        if key:
            headers["Idempotency-Key"] = key
        return _read(await self._intake.request(method, path, headers=headers, **content))

    async def send(self, path: Path) -> dict[str, Any]:
        """Upload a workbook and give the report of its check; nothing is taken in."""
        data = await asyncio.to_thread(path.read_bytes)
        report: dict[str, Any] = await self.ask(
            "POST", "/workbooks", files={"file": (path.name, data)}
        )
        return report

    async def take_in(self, upload: dict[str, Any], mode: Mode) -> Taken:
        """Have the rows of an upload taken in and wait until it is done."""
        address = f"/workbooks/{upload['upload_id']}"
        if upload["state"] == "checked":
            upload = await self.ask(
                "POST", f"{address}/accept", json={"mode": mode, "not_secret": True}
            )
        async with asyncio.timeout(_PATIENCE):
            while upload["state"] in {"checked", "accepting"}:
                await asyncio.sleep(0.2)
                upload = await self.ask("GET", address)
        if upload["state"] != "accepted":
            raise ImportFailed(str((upload["result"] or {}).get("why", "没有接收。")))
        return Taken(
            rows=upload["rows"],
            wrong=upload["wrong"],
            unchanged=upload["unchanged"],
            hinted=upload["hinted"],
            yuan=upload["total_investment"],
            accepted=upload["result"]["accepted"],
        )

    async def troubles(self, upload: dict[str, Any]) -> list[str]:
        """Give the errors of an upload, one line each."""
        rows = await self.ask("GET", f"/workbooks/{upload['upload_id']}/rows")
        return [
            f"第 {row['number']} 行 {problem['letter']} 列：{problem['message']}{problem['remedy']}"
            for row in rows
            for problem in row["problems"]
            if not problem["hint"]
        ]

    async def review(
        self, level: str, verdict: str, ids: Sequence[UUID], opinion: str
    ) -> list[dict[str, Any]]:
        """Review projects in bulk; give those that were refused."""
        refused: list[dict[str, Any]] = []
        for number, begin in enumerate(range(0, len(ids), _AT_ONCE)):
            chunk = ids[begin : begin + _AT_ONCE]
            said = await self.ask(
                "POST",
                f"/reviews/{level}",
                # The same every time: a demonstration that was cut off goes on where it stood.
                key=f"demo-{level}-{verdict}-{number}",
                json={
                    "projects": [{"project_id": str(one), "on_revision": 1} for one in chunk],
                    "verdict": verdict,
                    "opinion": opinion,
                },
            )
            refused += said["refused"]
        return refused


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
        said = f"{problem.get('title', '')}：{problem.get('detail', '')}"
    except ValueError:
        said = f"服务没有正常回应（{answer.status_code}）。"
    raise ImportFailed(said)


async def open_doors(home: Home, stack: AsyncExitStack) -> Doors:
    """Find the doors of a running home.

    Raises:
        ImportFailed: nothing runs there.
    """
    note = home.read_note()
    if note is None or not home.is_held():
        raise ImportFailed(f"没有在运行：{home.path}。请先 siku up。")
    urls = local_place(home, usual_ports() | note["ports"]).urls
    identity, intake = [
        await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls[name], timeout=_SECONDS, trust_env=False)
        )
        for name in ("identity.web", "intake.web")
    ]
    return Doors(identity, intake)


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
        doors = await open_doors(home, stack)
        known = await doors.example_password(username)
        doors = await doors.sign_in(username, known or password())
        for path in files:
            upload = await doors.send(path)
            tell(
                f"{path.name}：{upload['rows']} 行，可接收 {upload['acceptable']}，"
                f"有错 {upload['wrong']}，有提示 {upload['hinted']}，未变 {upload['unchanged']}"
            )
            for line in await doors.troubles(upload):
                tell(f"  {line}")
            whole = whole and not upload["wrong"]
            if mode == "all" and upload["wrong"]:
                tell("  按“全部或都不”，没有接收。")
                continue
            taken = await doors.take_in(upload, mode)
            tell(f"  已接收 {taken.accepted} 个项目并报送。")
    return whole


def fate_of(number: int) -> Fate:
    """Say what a demonstration makes of the project with this place in the list."""
    match number % 20:
        case 3:
            return Fate.WITH_CITY
        case 9:
            return Fate.WITH_PROVINCE
        case 14:
            return Fate.BACK_FROM_CITY if number % 40 < 20 else Fate.BACK_FROM_PROVINCE
        case _:
            return Fate.POOLED


def project_id_of(example: Example) -> UUID:
    """Give the id that intake makes of an example's row."""
    form = example.form
    key = f"{example.owner}\n{claimed_name(form.name)}\n{form.location.region or ''}"
    return uuid5(ROWS, key)


async def demonstrate(home: Home, tell: Tell) -> None:
    """Fill a demonstration home: every body reports, the city and the province review.

    Run again, it goes on where it was cut off and doubles nothing.

    Raises:
        ImportFailed: nothing runs there, it is no demonstration, or a door refused.
    """
    async with AsyncExitStack() as stack:
        doors = await open_doors(home, stack)
        password = await doors.example_password()
        if password is None:
            raise ImportFailed("这是正式环境，没有示例账号；演示数据只写入演示环境。")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siku-demo-")))
        await _report(doors, password, await asyncio.to_thread(generate, folder))
        refused = await _review(doors, password)
    total = sum((one.form.total_investment or Decimal(0) for one in projects()), Decimal(0))
    tell(f"31 家谋划主体，{len(projects())} 个项目，总投资 {total / 10_000:,.2f} 亿元。")
    for fate in Fate:
        count = sum(fate_of(number) is fate for number in range(len(projects())))
        tell(f"  {fate.value} {count}")
    for one in refused:
        tell(f"  未办理 {one['project_id']}：{one['why']}")


async def _report(doors: Doors, password: str, files: Sequence[Path]) -> None:
    reporters = {
        account.organisation: account.username
        for account in example_accounts()
        if account.role in _REPORTERS
    }
    few = asyncio.Semaphore(_TOGETHER)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("报送", total=len(projects()))

        async def report(unit: Organisation, path: Path) -> None:
            async with few:
                taken = await _report_one(await doors.sign_in(reporters[unit.id], password), path)
            progress.update(task, advance=taken.rows, description=f"报送 {unit.short_name}")

        await asyncio.gather(*map(report, planning_bodies(ON), files))


async def _report_one(doors: Doors, path: Path) -> Taken:
    before = await doors.ask("GET", "/workbooks")
    begun = [
        one
        for one in before
        if one["file_name"] == path.name and one["state"] in {"accepting", "accepted"}
    ]
    upload = begun[0] if begun else await doors.send(path)
    if upload["wrong"]:
        raise ImportFailed("；".join((await doors.troubles(upload))[:5]))
    return await doors.take_in(upload, "all")


async def _review(doors: Doors, password: str) -> list[dict[str, Any]]:
    ids: dict[Fate, list[UUID]] = {fate: [] for fate in Fate}
    for number, example in enumerate(projects()):
        ids[fate_of(number)].append(project_id_of(example))
    back = ids[Fate.BACK_FROM_PROVINCE]
    onward = [*ids[Fate.POOLED], *ids[Fate.WITH_PROVINCE], *back]
    city = await doors.sign_in(_CITY, password)
    refused = await city.review("first", "PASS", onward, "要素齐全，同意上报。")
    refused += await city.review(
        "first", "RETURN", ids[Fate.BACK_FROM_CITY], "请补充资金来源的证明材料。"
    )
    province = await doors.sign_in(_PROVINCE, password)
    refused += await province.review("final", "PASS", ids[Fate.POOLED], "同意入库。")
    refused += await province.review("final", "RETURN", back, "请核实建设规模与总投资是否相称。")
    return refused
