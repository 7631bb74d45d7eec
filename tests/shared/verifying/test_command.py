"""`siku verify` as a script and an operator call it, on a whole city."""

import asyncio
import json
import sys
from pathlib import Path

from deploy.embedded.launcher import Stack


async def siku_verify(city: Stack, *options: str) -> tuple[int, str]:
    """Run it as a process of its own; give exit code and standard output."""
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "deploy.cli", "verify", "--home", str(city.home.path), *options],
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_one_document_is_all_a_script_gets_and_tomorrow_goes_on_from_it(
    city: Stack, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    code, output = await siku_verify(city, "--json", "--views", "full", "--result", str(kept))
    document = json.loads(output)
    assert (code, document["exit_code"], document["differences"]) == (0, 0, [])
    assert document == json.loads(kept.read_text())
    assert document["standings"]["intake"]["position"] == document["facts"] > 0
    assert document["rows"] > 0
    code, output = await siku_verify(city, "--json", "--since", str(kept))
    tomorrow = json.loads(output)
    assert (code, tomorrow["facts"]) == (0, 0)
    assert tomorrow["standings"] == document["standings"]


async def test_an_operator_reads_sentences_and_what_cannot_be_seen(city: Stack) -> None:
    code, output = await siku_verify(city, "--views", "sample", "--keys", "5", "--seed", "x")
    assert code == 0
    assert "没有上次的结果" in output
    assert "种子 x" in output
    assert output.splitlines()[-1].startswith("一致：")


async def test_what_cannot_be_checked_is_neither_sound_nor_different(
    city: Stack, tmp_path: Path
) -> None:
    (tmp_path / "torn.json").write_text("{")
    code, output = await siku_verify(city, "--json", "--since", str(tmp_path / "torn.json"))
    assert (code, json.loads(output)["exit_code"]) == (2, 2)
    assert "读不出" in json.loads(output)["why"]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "deploy.cli", "verify", "--home", str(tmp_path)],
        stdout=asyncio.subprocess.PIPE,
    )
    assert await process.wait() == 2
