"""Every page at every size: accessible, silent, within its frame; a picture of each is kept."""

from dataclasses import dataclass

import pytest
from playwright.async_api import ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, WALL, Visitors
from tests.browser.visitor import ARTIFACTS, Dossiers, faults_of

SIZES = {"1366": DESKTOP, "390": PHONE, "1920": WALL}

WIDE = {"calendar", "board", "projects", "form", "project-history", "desk-changes", "targets"}


@dataclass(frozen=True)
class Look:
    """One page as somebody sees it; ``{draft}`` and its like are ids of prepared dossiers."""

    name: str
    path: str
    user: str = ""
    status: int = 200


LOOKS = (
    Look("signed-out", "/signed-out"),
    Look("not-signed-in", "/signed-in", status=400),
    Look("board", "/board", "shichushen"),
    Look("board-units", "/board?view=units", "lingdaozu"),
    Look("board-none", "/board", "admin"),
    Look("projects", "/projects", "shichushen"),
    Look("projects-filtered", "/projects?region=140525&least=10000", "zezhou"),
    Look("projects-none", "/projects?name=nothing", "zezhou"),
    Look("form", "/projects/new", "zezhou"),
    Look("form-edit", "/projects/{draft}/edit", "zezhou"),
    Look("project-draft", "/projects/{draft}", "zezhou"),
    Look("project-under-review", "/projects/{submitted}", "zezhou"),
    Look("term", "/projects/{submitted}/term", "zezhou"),
    Look("project-history", "/projects/{resubmitted}", "shichushen"),
    Look("project-edition", "/projects/{resubmitted}?revision=2", "shichushen"),
    Look("project-pooled", "/projects/{pooled}", "lingdaozu"),
    Look("event", "/projects/{pooled}/events/1", "lingdaozu"),
    Look("work-own", "/work", "zezhou"),
    Look("work-done", "/work?show=done", "zezhou"),
    Look("work-review", "/work", "shichushen"),
    Look("desk", "/desk", "shichushen"),
    Look("catalogue", "/catalogue?flow=GF", "zezhou"),
    Look("results", "/results", "daiban"),
    Look("results-import", "/results/import", "daiban"),
    Look("desk-changes", "/desk/{resubmitted}", "shichushen"),
    Look("desk-province", "/desk/{at_province}", "shengshenhe"),
    Look("import", "/import", "zezhou"),
    Look("months", "/months", "shichushen"),
    Look("months-own", "/months", "zezhou"),
    Look("targets", "/targets", "lingdaozu"),
    Look("targets-county", "/targets?level=county", "lingdaozu"),
    Look("targets-own", "/targets", "zezhou"),
    Look("target", "/targets/K02", "lingdaozu"),
    Look("target-of-a-unit", "/targets/G01", "zezhou"),
    Look("target-untold", "/targets/K05", "lingdaozu"),
    Look("ranking", "/ranking/2019-04?unit=JC-ZZ", "lingdaozu"),
    Look("projects-of-month", "/projects?reported=2019-04", "zezhou"),
    Look("example-city", "/example-city", "admin"),
    Look("calendar", "/calendar?year=2019", "zezhou"),
    Look("calendar-provisional", "/calendar?year=2027", "admin"),
    Look("calendar-empty", "/calendar?year=2040", "zezhou"),
    Look("calendar-edition", "/calendar?year=2019&edition=16", "zezhou"),
    Look("calendar-form", "/calendar/edit?year=2019", "admin"),
    Look("policy", "/policies/{policy}", "zezhou"),
    Look("set-aside-none", "/set-aside", "admin"),
    Look("accounts", "/accounts", "admin"),
    Look("account-new", "/accounts/new", "admin"),
    Look("machines", "/machines", "admin"),
    Look("machine-new", "/machines/new", "admin"),
    Look("roles", "/roles", "admin"),
    Look("substitutes", "/substitutes", "admin"),
    Look("organisations", "/organisations", "admin"),
    Look("organisation", "/organisations/D-STA", "admin"),
    Look("organisation-new", "/organisations/new", "admin"),
    Look("trail", "/trail", "admin"),
    Look("contact-reads", "/contact-reads", "admin"),
    Look("contact-reads-unit", "/contact-reads", "zezhou"),
    Look("exports", "/exports", "admin"),
    Look("erasures", "/erasures", "admin"),
    Look("trail-refused", "/trail?what=refused", "admin"),
    Look("trail-sign-ins", "/trail?what=sign-ins", "admin"),
    Look("settings", "/settings", "zezhou"),
    Look("accounts-not-there", "/accounts", "zezhou", 404),
    Look("basis", "/basis", "lingdaozu"),
    Look("help", "/help", "lingdaozu"),
    Look("not-found", "/nothing", "zezhou", 404),
    Look("not-allowed", "/projects/new", "lingdaozu", 403),
)


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_is_accessible_silent_and_fits(
    visitors: Visitors, dossiers: Dossiers, size: str
) -> None:
    width: ViewportSize = SIZES[size]
    found: list[str] = []
    people = {"": await visitors.come(width)}
    for look in LOOKS:
        if size == "1920" and look.name not in WIDE:
            continue
        if look.user not in people:
            people[look.user] = await visitors.come(width)
            await people[look.user].sign_in(look.user)
        page = people[look.user].page
        answer = await page.goto(look.path.format(**vars(dossiers)))
        assert answer is not None
        assert answer.status == look.status, look.name
        await page.screenshot(path=ARTIFACTS / f"{look.name}-{size}.png")
        if size == "390":
            await page.screenshot(path=ARTIFACTS / f"{look.name}-{size}-full.png", full_page=True)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{look.name}: scrolls sideways")
        found += [f"{look.name}: {fault}" for fault in await faults_of(page)]
    assert found == []


async def test_a_page_prints_without_its_controls(visitors: Visitors, dossiers: Dossiers) -> None:
    reader = await visitors.come()
    await reader.sign_in("lingdaozu")
    await reader.page.goto(f"/projects/{dossiers.pooled}")
    await reader.page.emulate_media(media="print")
    await reader.page.screenshot(path=ARTIFACTS / "project-print.png", full_page=True)
    await reader.page.pdf(path=ARTIFACTS / "project-print.pdf", prefer_css_page_size=True)
    for gone in (".top", ".side", ".dock", ".tools"):
        assert not await reader.page.locator(gone).first.is_visible()
    assert await reader.page.get_by_role("heading", level=1).is_visible()


async def test_what_is_printed_of_board_and_desk_is_what_a_meeting_needs(
    visitors: Visitors, dossiers: Dossiers
) -> None:
    reviewer = await visitors.come()
    await reviewer.sign_in("shichushen")
    page = reviewer.page
    await page.goto("/board")
    await page.emulate_media(media="print")
    drawn = await page.locator(".canvas svg").bounding_box()
    assert drawn is not None
    assert drawn["height"] > 50
    assert await page.get_by_text("截至").last.is_visible()
    await page.goto(f"/desk/{dossiers.resubmitted}")
    assert await page.locator(".diff").first.is_visible()
    for gone in ("#queue", ".decide"):
        assert not await page.locator(gone).is_visible()


@pytest.mark.parametrize("deficiency", ["deuteranopia", "achromatopsia"])
async def test_what_changed_shows_without_colours(
    visitors: Visitors, dossiers: Dossiers, deficiency: str
) -> None:
    reviewer = await visitors.come()
    await reviewer.sign_in("shichushen")
    page = reviewer.page
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
    for name, path in (
        ("board", "/board"),
        ("desk", f"/desk/{dossiers.resubmitted}"),
        ("project", f"/projects/{dossiers.resubmitted}"),
    ):
        await page.goto(path)
        await page.screenshot(path=ARTIFACTS / f"{name}-{deficiency}.png", full_page=True)
    for tag, line in (("del", "line-through"), ("ins", "underline")):
        look = "element => getComputedStyle(element).textDecorationLine"
        assert line in await page.locator(tag).first.evaluate(look)


async def test_the_first_stop_of_the_keyboard_skips_to_the_page(
    visitors: Visitors, dossiers: Dossiers
) -> None:
    reader = await visitors.come()
    await reader.sign_in("lingdaozu")
    await reader.page.goto(f"/projects/{dossiers.pooled}")
    await reader.page.keyboard.press("Tab")
    assert await reader.page.evaluate("document.activeElement.className") == "skip"
    await reader.page.keyboard.press("Enter")
    assert await reader.page.evaluate("document.activeElement.id") == "main"
