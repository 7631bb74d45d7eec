"""查重, 领取, 更正, 审核表 as people use them: two roles, one project, looked at in a picture."""

import re
from uuid import uuid4

from playwright.async_api import expect

from deploy.embedded.launcher import Stack
from tests.browser.conftest import Visitors
from tests.browser.visitor import ARTIFACTS, FORM, Clerk

NAME = f"珏山文旅康养综合体{uuid4().hex[:10]}"
PASS: dict[str, object] = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}


async def test_two_that_look_alike_are_compared_and_judged_before_one_passes(
    city: Stack, visitors: Visitors
) -> None:
    bureau, county = Clerk(city, "wenlv"), Clerk(city, "zezhou")
    theirs = await bureau.ask("POST", "/projects?report=true", {**FORM, "name": f"{NAME}工程"})
    begun = await county.ask(
        "POST", "/projects?report=true", {**FORM, "name": NAME, "preparation": "已选址。"}
    )
    visitor = await visitors.come()
    await visitor.sign_in("shichushen")
    page = visitor.page
    suspicion = page.get_by_text("疑似重复 1 件，1 件待裁定")
    # The other one is known as soon as intake's view has heard of it.
    for _ in range(20):
        await page.goto(f"/desk/{begun['project_id']}")
        if await suspicion.count():
            break
    await page.get_by_role("button", name="领取").click()
    await expect(page.get_by_text("由你领取")).to_be_visible()
    await page.screenshot(path=ARTIFACTS / "reviewing-1-desk.png", full_page=True)
    await page.goto("/duplicates")
    await page.screenshot(path=ARTIFACTS / "reviewing-2-duplicates.png", full_page=True)
    await page.goto(f"/duplicates/{begun['project_id']}")
    await page.screenshot(path=ARTIFACTS / "reviewing-3-side-by-side.png", full_page=True)
    await page.get_by_text("是同一个项目", exact=True).click()
    await page.get_by_label("理由").fill("同一地块，文旅局与泽州县重复申报。")
    await page.get_by_role("button", name="提交裁定").click()
    await expect(page.get_by_role("status").first).to_contain_text("已裁定为重复")
    await page.goto(f"/desk/{theirs['project_id']}")
    await page.get_by_label("意见", exact=True).fill("同意。")
    await page.get_by_role("button", name="提交初审意见").click()
    await expect(page.get_by_role("alert")).to_contain_text("已裁定为重复")


async def test_what_is_in_a_pool_is_corrected_and_printed(city: Stack, visitors: Visitors) -> None:
    county, reviewer = Clerk(city, "zezhou"), Clerk(city, "shichushen")
    name = f"{uuid4().hex}更正示例"
    begun = await county.ask("POST", "/projects?report=true", {**FORM, "name": name})
    path = f"/projects/{begun['project_id']}"
    await reviewer.ask("POST", f"{path}/first-review", PASS)
    await Clerk(city, "shengshenhe").ask("POST", f"{path}/final-review", PASS)
    clerk, desk, province = [await visitors.come() for _ in range(3)]
    await clerk.sign_in("zezhou")
    await clerk.page.goto(path)
    await clerk.page.get_by_role("link", name="申请更正").click()
    await clerk.page.get_by_label("备注").fill("已按批复核对。")
    await clerk.page.get_by_label("理由").fill("备注漏填。")
    await clerk.page.get_by_label(re.compile("本项目不涉密")).check()
    await clerk.page.screenshot(path=ARTIFACTS / "reviewing-4-correct.png", full_page=True)
    await clerk.page.get_by_role("button", name="申请更正").click()
    await expect(clerk.page.get_by_role("status").first).to_contain_text("批准之前原内容不变")
    await desk.sign_in("shichushen")
    await desk.page.goto(f"/desk/{begun['project_id']}")
    await desk.page.screenshot(path=ARTIFACTS / "reviewing-5-desk-correction.png", full_page=True)
    await desk.page.get_by_label("意见", exact=True).fill("属实。")
    await desk.page.get_by_role("button", name="提交初审意见").click()
    await province.sign_in("shengshenhe")
    await province.page.goto(f"/desk/{begun['project_id']}")
    await province.page.get_by_label("意见", exact=True).fill("同意更正。")
    await province.page.get_by_role("button", name="提交审核意见").click()
    await clerk.page.goto(path)
    await expect(clerk.page.get_by_text("更正生效")).to_be_visible()
    await clerk.page.screenshot(path=ARTIFACTS / "reviewing-6-corrected.png", full_page=True)
    await clerk.page.goto(f"{path}/paper")
    await clerk.page.emulate_media(media="print")
    await clerk.page.screenshot(path=ARTIFACTS / "reviewing-7-paper.png", full_page=True)
