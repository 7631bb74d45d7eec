"""The doors of identity, intake and approval_tracking, as somebody with a sheet knocks there."""

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, TypeVar

import httpx

Mode = Literal["valid", "all"]

DoorT = TypeVar("DoorT", bound="Door")

_PATIENCE = 300.0
_PAUSE = 0.2
_NOT_IN = {
    "unauthorized_client": "正式环境不在命令行收密码。请本人登录后在“导入”页送表。",
}


class Refused(Exception):
    """A door said no; the message is what it said."""


FAILURES = (Refused, httpx.HTTPError, OSError, TimeoutError)
"""What is told in one sentence instead of a traceback."""


@dataclass(frozen=True)
class Taken:
    """What became of a workbook."""

    rows: int
    wrong: int
    unchanged: int
    hinted: int
    yuan: int
    accepted: int


class Door:
    """Identity's door and that of one service, and who stands before them: at first nobody."""

    audience: ClassVar[str]

    def __init__(
        self, identity: httpx.AsyncClient, service: httpx.AsyncClient, token: str = ""
    ) -> None:
        """Bind to clients whose base addresses are the services'."""
        self._identity = identity
        self._service = service
        self._token = token

    @property
    def account(self) -> str:
        """The account before the door, as its token names it."""
        claims = self._token.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        return str(json.loads(base64.urlsafe_b64decode(padded))["sub"])

    async def example_password(self, username: str = "") -> str | None:
        """Give the password of an example account; a real home has none."""
        answer = await self._identity.get("/accounts/examples")
        if answer.status_code != httpx.codes.OK:
            return None
        told = answer.json()
        known = not username or any(one["username"] == username for one in told["accounts"])
        return str(told["password"]) if known else None

    async def signed_in(self, username: str, password: str) -> Self:
        """Give the same door with this account of a demonstration before it.

        Raises:
            Refused: nobody comes in with these, or this is a real home.
        """
        asked = {"grant_type": "password", "username": username, "password": password}
        answer = await self._identity.post("/token", data={**asked, "audience": self.audience})
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise Refused(_NOT_IN.get(answer.json()["error"], "账号或密码不对。"))
        return type(self)(self._identity, self._service, _read(answer)["access_token"])

    async def machine_in(self, machine: str, secret: str) -> Self:
        """Give the same door with a machine account before it.

        Raises:
            Refused: it does not come in with this secret.
        """
        asked = {"grant_type": "client_credentials", "audience": self.audience}
        answer = await self._identity.post("/token", data=asked, auth=(machine, secret))
        if answer.is_client_error:
            raise Refused("机器账号或密钥不对，或没有给这项权限。")
        return type(self)(self._identity, self._service, _read(answer)["access_token"])

    async def ask(self, method: str, path: str, key: str = "", **content: Any) -> Any:
        """Ask the service.

        Raises:
            Refused: it said no.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        if key:
            headers["Idempotency-Key"] = key
        return _read(await self._service.request(method, path, headers=headers, **content))


class Doors(Door):
    """Intake's door, and what is done with a workbook there."""

    audience = "intake"

    async def send(self, name: str, data: bytes) -> dict[str, Any]:
        """Upload a workbook and give the report of its check; nothing is taken in."""
        report: dict[str, Any] = await self.ask(
            "POST", "/workbooks", data={"not_secret": "true"}, files={"file": (name, data)}
        )
        return report

    async def take_in(self, upload: dict[str, Any], mode: Mode) -> Taken:
        """Have the rows of an upload taken in and wait until it is done."""
        address = f"/workbooks/{upload['upload_id']}"
        if upload["state"] == "checked":
            upload = await self.ask("POST", f"{address}/accept", json={"mode": mode})
        async with asyncio.timeout(_PATIENCE):
            while upload["state"] in {"checked", "accepting"}:
                await asyncio.sleep(_PAUSE)
                upload = await self.ask("GET", address)
        if upload["state"] != "accepted":
            raise Refused(str((upload["result"] or {}).get("why", "没有接收。")))
        return Taken(
            rows=upload["rows"],
            wrong=upload["wrong"],
            unchanged=upload["unchanged"],
            hinted=upload["hinted"],
            yuan=upload["total_investment"],
            accepted=upload["result"]["accepted"],
        )

    async def rows(self, upload: dict[str, Any], *, everything: bool) -> list[dict[str, Any]]:
        """Give the rows of an upload as they were checked: those with trouble, or all."""
        show = "all" if everything else "trouble"
        path = f"/workbooks/{upload['upload_id']}/rows?show={show}"
        rows: list[dict[str, Any]] = await self.ask("GET", path)
        return rows

    async def troubles(self, upload: dict[str, Any]) -> list[str]:
        """Give the errors of an upload, one line each."""
        return [
            f"第 {row['number']} 行 {problem['letter']} 列：{problem['message']}{problem['remedy']}"
            for row in await self.rows(upload, everything=False)
            for problem in row["problems"]
            if not problem["hint"]
        ]


class ApprovalDoors(Door):
    """Approval tracking's door."""

    audience = "approval_tracking"


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
        said = f"{problem.get('title', '')}：{problem.get('detail', '')}"
        wrong = problem.get("errors", ())
        said += "".join(f"\n  {one['field']}：{one['message']}{one['remedy']}" for one in wrong)
    except ValueError:
        said = f"服务没有正常回应（{answer.status_code}）。"
    raise Refused(said)
