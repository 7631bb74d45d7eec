"""A person at a browser, and dossiers for that person to look at."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Request

from deploy.embedded.launcher import Stack

ARTIFACTS = Path(__file__).parents[2] / ".artifacts"
PASSWORD = "jincheng-2019"
RULES_OF_REVIEW = ARTIFACTS.parent / "services/intake/review/policy/2019-04-22.toml"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
FORM: dict[str, object] = {
    "content": "新建生产车间 4 座共 6.2 万平方米，年产高性能氧化铝陶瓷基板 1200 万片。",
    "location": {"region": "140525", "address": "巴公镇示例地块"},
    "builder": {"name": "晋城星禾示例新材料有限公司", "uscc": "91140500MA0T00011Y"},
    "total_investment": "126000",
    "funding": [
        {"source": "SELF_RAISED", "amount": "75600"},
        {"source": "LOAN", "amount": "50400"},
    ],
    "planned_start": "2019-09",
    "contact": {"name": "秦示例", "phone": "0356-2190000"},
    "category": "EMERGING",
    "track": "INDUSTRIAL_CHAIN",
    "lead_side": "MARKET",
    "industry": "30",
    "build_from": "2019-09",
    "build_until": "2021-06",
    "not_secret": True,
}


class Visitor:
    """One window; remembers requests to other hosts and whatever the console prints."""

    def __init__(self, page: Page, address: str) -> None:
        """Watch a page."""
        self.page = page
        self.outside: list[str] = []
        self.noises: list[str] = []
        self._address = address
        page.on("request", self._asked)
        page.on("console", self._printed)
        page.on("pageerror", lambda error: self.noises.append(str(error)))

    def _asked(self, request: Request) -> None:
        # The issuer's own page has another port, no other host.
        here = urlsplit(request.url).hostname == urlsplit(self._address).hostname
        if not here and not request.url.startswith("data:"):
            self.outside.append(request.url)

    def _printed(self, message: ConsoleMessage) -> None:
        # Chromium itself reports every answer of 400 and above that a page was asked for.
        refused = "Failed to load resource" in message.text
        if message.type in {"error", "warning"} and not refused:
            self.noises.append(message.text)

    async def sign_in(self, username: str) -> None:
        """Sign in through the page, as a person does."""
        await self.page.goto("/sign-in")
        await self.page.get_by_label("账号", exact=True).fill(username)
        await self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="登录", exact=True).click()
        await self.page.wait_for_url(f"{self._address}/board")


async def faults_of(page: Page) -> list[str]:
    """Have axe look at a page as it stands."""
    results = await Axe().run(page, options={"runOnly": RULES})
    return [
        f"{fault['id']} {[node['target'] for node in fault['nodes'][:3]]}"
        for fault in results.response["violations"]
    ]


@dataclass(frozen=True)
class Dossiers:
    """The ids of prepared dossiers, by where they stand, and of the rules behind them."""

    draft: str
    submitted: str
    resubmitted: str
    at_province: str
    pooled: str
    policy: str


class Clerk:
    """Somebody who speaks to the services directly."""

    def __init__(self, city: Stack, username: str) -> None:
        """Name the clerk."""
        self._city = city
        self._username = username

    async def ask(
        self, method: str, path: str, body: dict[str, object], version: str = ""
    ) -> dict[str, str]:
        """Send a command to intake."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            signed_in = await http.post(
                f"{self._city.url('identity.web')}/token",
                data={
                    "grant_type": "password",
                    "username": self._username,
                    "password": PASSWORD,
                    "audience": "intake",
                },
            )
            headers = {
                "Authorization": f"Bearer {signed_in.json()['access_token']}",
                "Idempotency-Key": str(uuid4()),
            }
            if version:
                headers["If-Match"] = version
            answer = await http.request(
                method, f"{self._city.url('intake.web')}{path}", json=body, headers=headers
            )
            assert answer.is_success, answer.text
            document: dict[str, str] = answer.json()
            return document

    async def tell_apart(self, project_id: str) -> None:
        """Judge that a project is none of those like it: two sets differ by their mark alone."""
        path = f"/projects/{project_id}/duplicates"
        found: Any = await self.ask("GET", path, {})
        for one in found["suspects"]:
            verdict = {
                "other_id": one["project_id"],
                "on_revision": found["revision"],
                "other_revision": one["revision"],
                "same": False,
                "reason": "示例中的另一个项目。",
            }
            await self.ask("POST", path, verdict)


async def prepare(city: Stack, mark: str = "") -> Dossiers:
    """Bring one dossier to every stage; ``mark`` keeps the names of two sets apart."""
    zezhou, yangcheng = Clerk(city, "zezhou"), Clerk(city, "yangcheng")
    reviewer, province = Clerk(city, "shichushen"), Clerk(city, "shengshenhe")

    async def report(clerk: Clerk, name: str) -> str:
        body = {**FORM, "name": f"{name}{mark}"}
        return (await clerk.ask("POST", "/projects?report=true", body))["project_id"]

    draft = await zezhou.ask(
        "POST", "/projects?report=false", {"name": f"珏山旅游集散中心{mark}", "not_secret": True}
    )
    submitted = await report(zezhou, "巴公园区铸造废砂再生利用")
    back = await report(yangcheng, "凤栖湖智慧农业示范园")
    at_province = await report(yangcheng, "润城丝绸文化产业园")
    pooled = await report(zezhou, "星禾高性能陶瓷材料产业园（一期）")
    await reviewer.ask(
        "POST",
        f"/projects/{back}/first-review",
        {
            "verdict": "RETURN",
            "on_revision": 1,
            "opinion": "资金来源合计与总投资不一致，请核对贷款额。",
            "remarks": [{"field": "funding", "text": "贷款额与意向函不符。"}],
        },
    )
    changed = {
        **FORM,
        "name": f"凤栖湖智慧农业示范园{mark}",
        "total_investment": "135000",
        "funding": [
            {"source": "SELF_RAISED", "amount": "75600"},
            {"source": "LOAN", "amount": "59400"},
        ],
        "content": "新建生产车间 5 座共 6.8 万平方米，年产高性能氧化铝陶瓷基板 1500 万片。",
    }
    await yangcheng.ask("PUT", f"/projects/{back}", changed)
    await yangcheng.ask("POST", f"/projects/{back}/report", {"not_secret": True})
    for project_id in (at_province, pooled):
        await reviewer.tell_apart(project_id)
        await reviewer.ask(
            "POST",
            f"/projects/{project_id}/first-review",
            {"verdict": "PASS", "on_revision": 1, "opinion": "要素齐全，同意。"},
        )
    await province.ask(
        "POST",
        f"/projects/{pooled}/final-review",
        {"verdict": "PASS", "on_revision": 1, "opinion": "同意入库。"},
    )
    policy = sha256(RULES_OF_REVIEW.read_bytes()).hexdigest()
    return Dossiers(draft["project_id"], submitted, back, at_province, pooled, policy)


async def in_preparation(city: Stack, name: str, **columns: object) -> str:
    """Bring a project straight into 前期库, where its plan of approvals is drawn up."""
    drafted = await Clerk(city, "zezhou").ask(
        "POST", "/projects", {**FORM, **columns, "name": name}
    )
    path = f"/projects/{drafted['project_id']}"
    papers = ("code_certificate", "acceptance_notice", "preparation_plan")
    report = {
        "not_secret": True,
        "transition": "T02",
        "reason": "续建项目，未经谋划库。",
        "evidence": [{"sort": sort, "document_number": f"泽示〔2019〕{sort}"} for sort in papers],
    }
    await Clerk(city, "zezhou").ask("POST", f"{path}/report", report, version='"1"')
    verdict: dict[str, object] = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}
    await Clerk(city, "shichushen").ask("POST", f"{path}/first-review", verdict)
    await Clerk(city, "shengshenhe").ask("POST", f"{path}/final-review", verdict)
    return drafted["project_id"]
