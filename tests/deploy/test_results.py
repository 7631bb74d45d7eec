"""`siku import results`: what another platform did, sent by an operator beside a running city."""

import asyncio
import json
import sys
from pathlib import Path

from deploy.embedded.launcher import Stack
from tests.browser.visitor import in_preparation

CODE = "2019-140525-30-03-007731"
PLATFORM = "山西省投资项目在线审批监管平台（示例）"


def rows(path: Path, *told: tuple[str, str, str]) -> Path:
    """Write rows of results, each a code, an item and a step."""
    body = [
        {
            "platform": PLATFORM,
            "project_code": code,
            "item": item,
            "step": step,
            "happened_on": "2019-04-22",
            "document_number": f"示例〔2019〕{item}号" if step == "办结" else None,
        }
        for code, item, step in told
    ]
    path.write_text(json.dumps({"rows": body}, ensure_ascii=False), "utf-8")
    return path


async def siku(home: Path, file: Path) -> tuple[int | None, str]:
    """Type the command."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "import", "results", str(file)),
        *("--as", "daiban", "--home", str(home)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def until_taken(home: Path, file: Path) -> tuple[int | None, str]:
    """Send until the plan, which is drawn up by what was heard, is there."""
    said = ""
    for _ in range(30):
        code, said = await siku(home, file)
        if code == 0:
            return code, said
        await asyncio.sleep(1)
    raise AssertionError(said)


async def test_results_are_taken_once_and_what_fits_nowhere_waits_for_somebody(
    city: Stack, tmp_path: Path
) -> None:
    await in_preparation(city, "珏山玻璃纤维拉丝线", project_code=CODE)
    home = city.home.path
    sound = rows(tmp_path / "对得上.json", (CODE, "A01", "办结"), (CODE, "A10", "受理"))
    code, said = await until_taken(home, sound)
    assert code == 0, said
    code, said = await siku(home, sound)
    assert code == 0, said
    assert "无变化 2 行" in said, said

    strange = rows(tmp_path / "对不上.json", ("2019-140525-31-03-000001", "A10", "办结"))
    code, said = await siku(home, strange)
    assert code == 2, said
    assert "待匹配" in said
    assert "第 1 行" in said
