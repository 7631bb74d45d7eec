"""机器账号 over an identity that runs: opened, rotated and ended through the pages."""

import re

import httpx

from tests.console.test_administering import Come, city, come, office
from tests.identity.conftest import Office, databases
from tests.identity.test_client_credentials import System

__all__ = ["city", "come", "databases", "office"]
OPENING = {
    "name": "泽州县政务服务平台",
    "purpose": "推送企业投资项目",
    "basis": "泽政办函〔2019〕21号",
    "role": "county_reporter",
    "organisation": "JC-ZZ",
    "valid_from": "2019-04-22",
    "scopes": ["read", "report"],
}


def shown(page: httpx.Response) -> tuple[str, str]:
    """Read the id and the secret that a page shows once."""
    assert page.status_code == 200, page.text
    found = re.search(
        r'<dd class="code">([^<]+)</dd>.*class="one-time">([^<]+)<', page.text, re.DOTALL
    )
    assert found is not None
    return found[1], found[2]


async def test_an_opened_machine_account_shows_its_secret_once(come: Come, office: Office) -> None:
    admin = await come("admin")
    page = await admin.post("/machines", data={**OPENING, "key": "once"})
    assert page.headers["cache-control"] == "no-store"
    machine, secret = shown(page)
    assert (await System(office, machine, secret).ask()).status_code == 200
    again = await admin.post("/machines", data={**OPENING, "key": "once"})
    assert "不再显示" in again.text
    for other in (again, await admin.get("/machines"), await admin.get(f"/machines/{machine}")):
        assert other.status_code == 200
        assert secret not in other.text


async def test_a_refused_form_keeps_what_was_typed_and_ticked(come: Come) -> None:
    admin = await come("admin")
    page = await admin.post("/machines", data={**OPENING, "scopes": ["read", "final_review"]})
    assert page.status_code == 409
    assert "不能给这项权限" in page.text
    assert 'value="推送企业投资项目"' in page.text
    ticked = re.findall(r'name="scopes" value="([a-z_]+)" checked', page.text)
    assert ticked == ["read", "final_review"]
    page = await admin.post("/machines", data={**OPENING, "purpose": "有事打 13800138000"})
    assert (page.status_code, 'id="open-purpose-said"' in page.text) == (422, True)


async def test_a_rotation_says_how_long_the_last_secret_holds(come: Come, office: Office) -> None:
    admin = await come("admin")
    machine, first = shown(await admin.post("/machines", data=OPENING))
    page = await admin.post(f"/machines/{machine}/rotate", data={"overlap_hours": "24"})
    _, second = shown(page)
    assert "为止仍可用，请在此之前换好" in page.text
    for secret in (first, second):
        assert (await System(office, machine, secret).ask()).status_code == 200
    assert "两把密钥" in (await admin.get("/machines")).text
    done = await admin.post(f"/machines/{machine}/revoke", data={})
    assert done.status_code == 303
    assert (await System(office, machine, first).ask()).status_code == 401
    page = await admin.post(f"/machines/{machine}/rotate", data={"overlap_hours": "0"})
    assert "旧密钥已作废" in page.text
    assert (await System(office, machine, second).ask()).status_code == 401


async def test_scopes_state_use_and_history_stand_on_its_page(come: Come, office: Office) -> None:
    admin = await come("admin")
    machine, secret = shown(await admin.post("/machines", data=OPENING))
    path = f"/machines/{machine}"
    await System(office, machine, secret).ask()
    assert (await admin.post(f"{path}/scopes", data={"scopes": ["read"]})).is_redirect
    assert (await admin.post(f"{path}/disable", data={"reason": "停机改造"})).is_redirect
    page = (await admin.get(path)).text
    for words in (
        *("停机改造", "泽州县人民政府，县级报送员", "泽政办函〔2019〕21号", "给了令牌"),
        *("开通机器账号", "调整机器账号权限", "权限：读取", "停用机器账号", "系统管理员（admin）"),
    ):
        assert words in page, words
    assert (await admin.post(f"{path}/enable", data={})).is_redirect
    assert (await admin.post(f"{path}/close", data={"reason": "系统下线"})).is_redirect
    page = (await admin.get(path)).text
    assert "密钥已全部作废" in page
    assert "/rotate" not in page
    assert (await admin.post(f"{path}/anything", data={})).status_code == 404


async def test_the_list_finds_and_the_trail_names_and_links_machine_accounts(
    come: Come, office: Office
) -> None:
    admin = await come("admin")
    machine, secret = shown(await admin.post("/machines", data=OPENING))
    await System(office, machine, secret).ask(scope="final_review")
    found = (await admin.get("/machines?q=政务服务")).text
    assert f'href="/machines/{machine}"' in found
    assert "没有符合的机器账号" in (await admin.get("/machines?q=nothing")).text
    for what, words in (("acts", "开通机器账号"), ("sign-ins", "要了没有给的权限")):
        page = (await admin.get(f"/trail?what={what}&q=政务服务平台")).text
        assert words in page
        assert f'<a href="/machines/{machine}">泽州县政务服务平台（机器账号）</a>' in page
