"""`siku import results`: sends results of other platforms to approval tracking's door."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from deploy.coming_in import ComeIn
from deploy.embedded.home import Home
from deploy.importing import Tell, open_door
from examples.doors import ApprovalDoors, Refused

_TOLD = {"SET_ASIDE": "待匹配", "WRONG": "有错", "LEFT": "请重新发送"}


async def import_results(
    home: Home, path: Path, come_in: ComeIn, tell: Tell, *, check: bool = False
) -> bool:
    """Send a sheet (.xlsx) or rows (.json); tell each row that is not in, and whether all are.

    Raises:
        Refused: nothing runs there, the file cannot be read, or the door said no.
    """
    async with AsyncExitStack() as stack:
        door = await come_in(await open_door(home, stack, ApprovalDoors))
        said = await _sent(door, path, check=check)
    for row in said["rows"]:
        if told := _TOLD.get(row["result"]):
            what = f"{row['project_code']} {row['item']} {row['step']} {row['happened_on']}"
            tell(f"  第 {row['number']} 行（{what}）{told}：{_why(row)}")
    tell(f"{path.name}：{len(said['rows'])} 行，{said['message']}")
    return not (said["set_aside"] or said["wrong"] or said["left"])


async def _sent(door: ApprovalDoors, path: Path, *, check: bool) -> dict[str, Any]:
    data = await asyncio.to_thread(path.read_bytes)
    if path.suffix.lower() == ".json":
        if check:
            raise Refused("只有表格能先核对；.json 直接导入，重复发送没有变化。")
        try:
            rows: dict[str, Any] = await door.ask("POST", "/results", json=json.loads(data))
        except ValueError as error:
            raise Refused(f"{path.name} 不是合法的 JSON。") from error
        return rows
    address = f"/results/workbook?check={str(check).lower()}"
    sheet: dict[str, Any] = await door.ask("POST", address, files={"file": (path.name, data)})
    return sheet


def _why(row: dict[str, Any]) -> str:
    told = "".join(f"{error['message']}{error['remedy']}" for error in row["errors"])
    return told or str(row["why"])
