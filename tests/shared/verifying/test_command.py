"""`siku verify` as a script and an operator call it, on a whole city."""

import asyncio
import json
import os
import sys
from pathlib import Path

from deploy.embedded.launcher import Stack


async def siku_verify(
    city: Stack, *options: str, home: Path | None = None, **environment: str
) -> tuple[int, str]:
    """Run it as a process of its own; give exit code and standard output."""
    place = str(home or city.home.path)
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "deploy.cli", "verify", "--home", place, *options],
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | environment,
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
    positions = {name: one["position"] for name, one in document["standings"].items()}
    assert positions["intake"] > 0
    assert sum(positions.values()) == document["facts"]
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
    code, _ = await siku_verify(city, home=tmp_path)
    assert code == 2


async def anchor_of(city: Stack) -> Path:
    """Give the first anchor that the running city takes of its intake."""
    while not (found := sorted((city.home.path / "anchors").glob("*.intake.json"))):
        await asyncio.sleep(0.2)
    return found[0]


async def test_the_anchor_of_a_running_city_is_believed_and_holds(city: Stack) -> None:
    anchor = await anchor_of(city)
    code, output = await siku_verify(city, "--anchor", str(anchor))
    assert code == 0, output
    assert "1 份存证的签名有效，公钥指纹" in output
    assert "与另外保存的一致" in output
    assert "相符" in output
    assert "Kafka" not in output


async def test_with_a_fingerprint_and_the_database_alone_a_copy_elsewhere_can_be_checked(
    city: Stack, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes((await anchor_of(city)).read_bytes())
    key = json.loads((city.home.path / "anchors" / "key.json").read_bytes())
    database = {"SIKU_INTAKE_DATABASE_URL": city.admin_database_url("intake")}
    asked = ("--anchor", str(copy), "--json", "--fingerprint")
    code, output = await siku_verify(city, *asked, key["kid"], home=tmp_path, **database)
    assert (code, json.loads(output)["differences"]) == (0, [])
    code, output = await siku_verify(city, *asked, "x" * 43, home=tmp_path, **database)
    assert code == 2
    assert "不是所信的公钥" in json.loads(output)["why"]
    code, output = await siku_verify(city, *asked[:3], home=tmp_path, **database)
    assert code == 2
    assert "--fingerprint" in json.loads(output)["why"]
