"""账号与机构 over an identity that runs: the administrator's pages, and one's own settings."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from services.identity.beginning import EXAMPLE_PASSWORD
from tests.console.city import City
from tests.console.conftest import StandCity
from tests.identity.conftest import Databases, Office, databases, running
from tests.signing_in import come_in

__all__ = ["databases"]
GOOD = "Tai-hang-shan-8"
PAGES = [
    "/accounts",
    "/accounts/new",
    "/machines",
    "/machines/new",
    "/roles",
    "/substitutes",
    "/organisations",
    "/organisations/new",
    "/organisations/D-STA",
    "/trail",
    "/trail?what=refused",
    "/trail?what=sign-ins",
]
OPENING = {
    "username": "gaoping2",
    "name": "高平市报送员（乙）",
    "role": "county_reporter",
    "organisation": "JC-GP",
    "valid_from": "2019-04-22",
}


@pytest.fixture
async def office(databases: Databases, tmp_path: Path) -> AsyncIterator[Office]:
    """An identity in a home of its own."""
    home = tmp_path / "identity"
    home.mkdir()
    async with running(home, await databases.copy(databases.begun)) as opened:
        yield opened


@pytest.fixture
async def city(stand_city: StandCity, office: Office) -> City:
    """A console that asks it."""
    return await stand_city(real_identity=office.http)


Come = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def come(city: City, office: Office) -> Come:
    """Gives a browser in which somebody has signed in."""

    async def came(username: str, password: str = EXAMPLE_PASSWORD) -> httpx.AsyncClient:
        browser = city.browser()
        await come_in(browser, username, password, at_issuer=office.browser())
        return browser

    return came


def one_time(page: str) -> str:
    """Read the password that a page shows once."""
    found = re.search(r'class="one-time"[^>]*>([^<]+)<', page)
    assert found is not None
    return found[1]


async def test_the_administrator_opens_every_page_and_nobody_else_finds_one(come: Come) -> None:
    admin, other = await come("admin"), await come("lingdaozu")
    for path in PAGES:
        assert (await admin.get(path)).status_code == 200, path
        assert (await other.get(path)).status_code == 404, path
    assert "/accounts" in (await admin.get("/board")).text
    assert "/accounts" not in (await other.get("/board")).text


async def test_nobody_else_carries_out_an_act_through_a_page(come: Come, office: Office) -> None:
    other = await come("zezhou")
    account = await office.account("gaoping")
    count = await office.pool.fetchval("select count(*) from journal.events")
    for path in (
        "/accounts",
        f"/accounts/{account}/disable",
        "/machines",
        f"/machines/{account}/rotate",
        "/substitutes",
        "/organisations",
        "/organisations/D-STA/end",
    ):
        assert (await other.post(path, data={"reason": "试试"})).status_code == 404, path
    assert await office.pool.fetchval("select count(*) from journal.events") == count


async def test_an_opened_account_shows_its_password_once(come: Come) -> None:
    admin = await come("admin")
    form = {**OPENING, "key": "once"}
    page = await admin.post("/accounts", data=form)
    assert page.headers["cache-control"] == "no-store"
    password = one_time(page.text)
    again = await admin.post("/accounts", data=form)
    assert "不再显示" in again.text
    assert password not in again.text


async def test_an_account_that_was_opened_comes_in_with_a_password_of_its_own(
    come: Come, office: Office
) -> None:
    admin = await come("admin")
    password = one_time((await admin.post("/accounts", data=OPENING)).text)
    form = {"new_password": GOOD, "again": GOOD}
    changed = await office.type_in(office.browser(), "gaoping2", password, **form)
    assert changed.status_code == 303
    assert "高平市报送员（乙）" in (await (await come("gaoping2", GOOD)).get("/board")).text


async def test_a_refused_form_keeps_what_was_typed_and_says_why(come: Come) -> None:
    admin = await come("admin")
    wrong = {**OPENING, "role": "enterprise", "organisation": "E-LH", "uscc": "91140500MA0T00011X"}
    page = await admin.post("/accounts", data=wrong)
    assert page.status_code == 409
    assert "统一社会信用代码不对" in page.text
    assert 'value="gaoping2"' in page.text
    page = await admin.post("/accounts", data={**OPENING, "username": "Zhang San"})
    assert page.status_code == 422
    assert 'id="open-username-said"' in page.text


async def test_whoever_is_disabled_is_out_at_the_next_page(come: Come, office: Office) -> None:
    admin, clerk = await come("admin"), await come("zezhou")
    assert (await clerk.get("/settings")).status_code == 200
    account = await office.account("zezhou")
    page = await admin.post(f"/accounts/{account}/disable", data={"reason": "借调外出"})
    assert page.status_code == 303
    gone = await clerk.get("/board")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in?next=%2Fboard")
    shown = (await admin.get(f"/accounts/{account}")).text
    assert "借调外出" in shown
    assert "启用" in shown


async def test_the_administrator_finds_no_button_against_himself(
    come: Come, office: Office
) -> None:
    admin = await come("admin")
    page = (await admin.get(f"/accounts/{await office.account('admin')}")).text
    assert "这是你自己的账号" in page
    assert "/disable" not in page


async def test_a_unit_is_renamed_and_ended_with_its_document(come: Come) -> None:
    admin = await come("admin")
    renamed = {"name": "晋城市统计调查局", "short_name": "市统计调查局", "valid_from": "2019-04-22"}
    path = "/organisations/D-STA"
    await admin.post(f"{path}/rename", data={**renamed, "basis": "晋市编〔2019〕9号"})
    page = await admin.post(f"{path}/end", data={"valid_to": "2019-06-30"})
    assert page.status_code == 409
    assert "还有 1 个账号" in page.text
    divided = {"into": "D-DRC", "into_too": "D-KEY", "valid_to": "2019-06-30"}
    page = await admin.post(f"{path}/end", data=divided)
    assert page.status_code == 409
    assert '<option value="D-DRC" selected>' in page.text
    assert '<option value="D-KEY" selected>' in page.text
    merged = {"into": "D-DRC", "valid_to": "2019-06-30", "basis": "晋市编〔2019〕12号"}
    assert (await admin.post(f"{path}/end", data=merged)).status_code == 303
    shown = (await admin.get(path)).text
    for words in ("晋城市统计调查局", "晋城市统计局", "晋市编〔2019〕12号", "由市发改委承接"):
        assert words in shown
    before = (await admin.get("/organisations?on=2019-04-21&q=D-STA")).text
    assert "晋城市统计局" in before
    assert "晋城市统计调查局" not in before


async def test_the_trail_tells_who_did_what_and_who_was_refused(come: Come, office: Office) -> None:
    admin, clerk = await come("admin"), await come("zezhou")
    account = await office.account("gaoping")
    await admin.post(f"/accounts/{account}/disable", data={"reason": "借调外出"})
    token = (await office.sign_in("zezhou", EXAMPLE_PASSWORD, "identity")).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    await office.http.get("/accounts", headers=headers)
    acts = (await admin.get("/trail")).text
    for words in ("停用账号", "高平市报送员（gaoping）", "原因：借调外出", "系统管理员（admin）"):
        assert words in acts
    refused = (await admin.get("/trail?what=refused&q=zezhou")).text
    assert "泽州县报送员（zezhou）" in refused
    assert "没有这一件" in refused
    assert "泽州县报送员（zezhou）" in (await admin.get("/trail?what=sign-ins")).text
    assert (await clerk.get("/trail")).status_code == 404


async def test_a_token_that_was_used_twice_is_told_to_its_owner_and_to_the_administrator(
    come: Come, office: Office
) -> None:
    copied = await office.come_in("zezhou")
    spent = dict(copied.tokens)
    await copied.refresh()
    copied.tokens = spent
    assert (await copied.refresh()).status_code == 400
    admin, clerk = await come("admin"), await come("zezhou")
    for page in ("/trail?what=sign-ins", f"/accounts/{await office.account('zezhou')}"):
        assert "登录凭证被重复使用，已作废" in (await admin.get(page)).text
    assert "登录凭证被重复使用，已作废" in (await clerk.get("/settings")).text


async def test_everybody_changes_his_password_and_comes_in_with_it(come: Come) -> None:
    clerk, elsewhere = await come("zezhou"), await come("zezhou")
    wrong = {"password": "wrong", "new_password": GOOD, "again": GOOD}
    page = await clerk.post("/settings/password", data=wrong)
    assert page.status_code == 422
    assert 'id="password-said"' in page.text
    other = {"password": EXAMPLE_PASSWORD, "new_password": GOOD, "again": "another"}
    assert "不一样" in (await clerk.post("/settings/password", data=other)).text
    right = {"password": EXAMPLE_PASSWORD, "new_password": GOOD, "again": GOOD}
    done = await clerk.post("/settings/password", data=right)
    assert (done.status_code, done.headers["location"]) == (303, "/signed-out")
    assert (await elsewhere.get("/board")).status_code == 303
    again = await come("zezhou", GOOD)
    assert "改密码" in (await again.get("/settings")).text


async def test_signing_out_everywhere_ends_the_other_windows_too(come: Come) -> None:
    here, there = await come("zezhou"), await come("zezhou")
    other = await come("gaoping")
    assert (await there.get("/board")).status_code == 200
    assert (await here.post("/settings/sign-out", data={})).status_code == 303
    for gone in (here, there):
        assert (await gone.get("/board")).status_code == 303
    assert (await other.get("/board")).status_code == 200


async def test_a_substitute_acts_for_whom_he_stands_in_until_the_last_day(
    come: Come, office: Office
) -> None:
    admin = await come("admin")
    form = {
        "absent": "shichushen",
        "substitute": "shichushen2",
        "valid_from": "2019-04-22",
        "valid_to": "2019-04-30",
    }
    assert (await admin.post("/substitutes", data=form)).status_code == 303
    assert "代理中" in (await admin.get("/substitutes")).text
    colleague = await come("shichushen2")
    absent = await office.account("shichushen")
    assert f"{absent}" in (await colleague.get("/settings")).text
    assert (await colleague.post("/settings/stand-in", data={"absent": str(absent)})).is_redirect
    assert "市级初审员（乙），代市级初审员（甲）" in (await colleague.get("/board")).text
    ending = f"/substitutes/{absent}/{await office.account('shichushen2')}/end"
    assert (await admin.post(ending, data={})).is_redirect
    assert (await colleague.post("/settings/stand-in", data={})).is_redirect
    assert "代市级初审员（甲）" not in (await colleague.get("/board")).text


async def test_an_account_that_is_not_there_is_named_beside_its_field(come: Come) -> None:
    admin = await come("admin")
    form = {"absent": "a&state=x#", "substitute": "shichushen2", "valid_from": "2019-04-22"}
    page = await admin.post("/substitutes", data={**form, "valid_to": "2019-04-30"})
    assert page.status_code == 422
    assert 'id="appoint-absent-said"' in page.text
    unknown = {**form, "absent": "shichushen", "substitute": "nobody"}
    page = await admin.post("/substitutes", data={**unknown, "valid_to": "2019-04-30"})
    assert "没有账号“nobody”" in page.text
    assert 'value="nobody"' in page.text


async def test_nobody_stands_in_for_whom_he_was_not_appointed(come: Come, office: Office) -> None:
    clerk = await come("zezhou")
    absent = str(await office.account("shichushen"))
    answer = await clerk.post("/settings/stand-in", data={"absent": absent})
    assert answer.status_code == 404
