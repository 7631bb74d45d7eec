"""The example city is loaded whole; an import that is killed goes on and doubles nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import asyncpg
import httpx
import pytest

from deploy.embedded.launcher import Stack
from deploy.importing import demonstrate
from deploy.stack import VERIFIER
from examples import projects
from examples.living import movable
from examples.loading import Fate, fate_of, fates
from examples.projects import TEN_THOUSAND
from examples.stock import stock
from services.console.main import SERVICE as CONSOLE
from services.intake.main import SERVICE as INTAKE
from shared.clock import advance
from shared.verifying import Checked, verify
from tests.intake.doors.test_workbooks import XLSX, sheet
from tests.shared.broker import reach
from tests.signing_in import come_in

ROWS = 1_200

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A city of its own, so that no other test meets its projects."""
    async with Stack(home=tmp_path_factory.mktemp("town")) as stack:
        yield stack


async def counted(stack: Stack, condition: str) -> tuple[int, int]:
    """Count projects on the board, and sum their yuan."""
    console = await asyncpg.connect(stack.admin_database_url("console"))
    try:
        row = await console.fetchrow(
            "select count(*), coalesce(sum(total_investment), 0)::bigint as yuan "
            f"from views.four_pools where {condition}"
        )
    finally:
        await console.close()
    assert row is not None
    return row["count"], row["yuan"]


async def pools(stack: Stack) -> dict[str, int]:
    """Count the projects of each pool."""
    names = ("PLAN", "PREP", "BUILD", "PROD")
    return {name: (await counted(stack, f"pool = '{name}'"))[0] for name in names}


async def verified(stack: Stack) -> None:
    """Let the system prove its state."""
    await verify(
        [
            Checked(INTAKE, stack.admin_database_url("intake")),
            Checked(CONSOLE, stack.admin_database_url("console")),
        ],
        reach(stack, VERIFIER),
    )


async def click(town: Stack) -> str:
    """Load the example city from the administrator's page; give what it says in the end."""
    page, own = town.url("console.web") + "/example-city", {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(trust_env=False, timeout=60, headers=own) as browser:
        examples = (await browser.get(town.url("identity.web") + "/accounts/examples")).json()
        await come_in(
            browser, "admin", examples["password"], sign_in=town.url("console.web") + "/sign-in"
        )
        assert (await browser.post(page)).status_code == 303
        async with asyncio.timeout(300):
            while "hx-get" in (said := (await browser.get(page)).text):
                await asyncio.sleep(0.3)
    return said


async def test_one_click_loads_the_example_city_with_the_sums_of_its_workbooks_once(
    town: Stack,
) -> None:
    stocked = sum(row["total_investment"] for row in stock()) * TEN_THOUSAND
    yuan = sum(one.facts.total_investment or 0 for one in projects()) + stocked
    assert "示例城市已装入：31 家单位，396 个项目，1,397.0 亿元。" in await click(town)
    await verified(town)
    assert await counted(town, "true") == (len(projects()) + len(stock()), yuan)
    meant = fates()
    pooled = [n for n in range(len(projects())) if fate_of(n) is Fate.POOLED]
    moved = {transition: len(places) for transition, places in movable(pooled).items()}
    had = Counter(row["pool"] for row in stock())
    assert await pools(town) == {
        "PLAN": meant[Fate.POOLED] - moved["T12"],
        "PREP": had["PREP"] + moved["T12"] - moved["T23"],
        "BUILD": had["BUILD"] + moved["T23"],
        "PROD": had["PROD"],
    }
    assert (await counted(town, "stage = 'SUBMITTED'"))[0] == meant[Fate.WITH_CITY]
    assert (await counted(town, "stage = 'CITY_PASSED'"))[0] == meant[Fate.WITH_PROVINCE]
    back = meant[Fate.BACK_FROM_CITY] + meant[Fate.BACK_FROM_PROVINCE]
    assert (await counted(town, "stage = 'RETURNED'"))[0] == back
    # By the page or by the command line: again is no change, and both say so.
    told: list[str] = []
    await demonstrate(town.home, told.append)
    assert "  以前已经装入，这次没有变化。" in told
    assert "示例城市以前已经装入，这次没有变化。" in await click(town)
    # Nor after the term of its files, when some of its projects lie returned with their units.
    advance(town.home.path, timedelta(days=181))
    assert "示例城市以前已经装入，这次没有变化。" in await click(town)
    await verified(town)
    assert await counted(town, "true") == (len(projects()) + len(stock()), yuan)
    assert (await counted(town, "stage = 'RETURNED'"))[0] == back


async def test_an_import_goes_on_where_intake_was_killed_and_doubles_nothing(
    town: Stack, tmp_path: Path
) -> None:
    data = sheet(*({"name": f"断点续传示例第 {n} 号"} for n in range(ROWS)))
    (tmp_path / "rows.xlsx").write_bytes(data)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        examples = (await http.get(town.url("identity.web") + "/accounts/examples")).json()

        async def signed_in() -> dict[str, str]:
            asked = {
                "grant_type": "password",
                "username": "zezhou",
                "password": examples["password"],
                "audience": "intake",
            }
            answer = await http.post(town.url("identity.web") + "/token", data=asked)
            return {"Authorization": f"Bearer {answer.json()['access_token']}"}

        doors, headers = town.url("intake.web"), await signed_in()
        sent, declared = {"file": ("rows.xlsx", data, XLSX)}, {"not_secret": "true"}
        report = (
            await http.post(f"{doors}/workbooks", data=declared, files=sent, headers=headers)
        ).json()
        assert report["acceptable"] == ROWS
        place = f"{doors}/workbooks/{report['upload_id']}"
        await http.post(f"{place}/accept", json={"mode": "valid"}, headers=headers)

        async def state() -> dict[str, object]:
            try:
                return dict((await http.get(place, headers=headers)).json())
            except httpx.HTTPError:
                return {"state": "away", "done": 0}

        while int(str((await state()).get("done", 0))) < ROWS // 4:
            await asyncio.sleep(0.02)
        town.kill("intake.web", SIGKILL)
        for _ in range(600):
            if (now := await state())["state"] == "accepted":
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("the import did not go on")
        assert now["result"] == {"accepted": ROWS, "refused": [], "unchanged": 0}
        again = (
            await http.post(f"{doors}/workbooks", data=declared, files=sent, headers=headers)
        ).json()
        assert (again["acceptable"], again["unchanged"]) == (0, ROWS)
    await verified(town)
    count, _ = await counted(town, "name like '断点续传示例%'")
    assert count == ROWS
