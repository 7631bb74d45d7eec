"""The frame around every page: templates, menu, the account, the time, and what was just said."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from examples.loading import Loaded, Watch
from services.console.adapters.export_log import ExportLog
from services.console.adapters.intake import Answer, Body, Intake
from services.console.adapters.office import OfficeDoor
from services.console.adapters.provider import Provider
from services.console.adapters.views_door import ViewsDoor
from services.console.pages import difference, fields, moment, names, words
from services.console.pages.arriving import may_know
from services.console.pages.counting import Counting
from services.console.pages.due_days import Due
from services.console.pages.moment import Moment
from services.console.pages.moving import MOVE, paper_names
from services.console.pages.owing import owed_by
from services.console.pages.plan_reading import Plans
from services.console.pages.reading import Reading
from services.console.pages.reckoning import Reckoning
from services.console.pages.rules import REVIEW, Rules, Terms
from services.console.pages.session import Sessions, Visit
from services.console.pages.signing_reading import Signings
from services.console.pages.tag_reading import Tags
from shared.clock import Clock
from shared.cookies import Cookies
from shared.limiting import Limits
from shared.refusals import NotFound, NotSignedIn
from shared.scope import ALL_WHO_SEE, ITEM_SCOPES, MONTH_SCOPES, PROJECT_SCOPES, SIGNING_SCOPES, may
from shared.seeing import Reader, Scope
from shared.units import NO_UNITS, Units
from shared.viewing import PATIENCE

ROOT = Path(__file__).parent.parent
REVIEWS: dict[str, str] = {"city_reviewer": "SUBMITTED", "prov_reviewer": "CITY_PASSED"}
Arrived = Callable[[str], Awaitable[bool]]
Tone = Literal["ok", "near", "late", "info"]


@dataclass(frozen=True)
class Said:
    """A sentence for the next page: what was done, what happens next, and by when."""

    tone: Tone
    text: str
    note: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class MenuEntry:
    """One entry of the menu; ``count`` is work that waits for this account."""

    key: str
    text: str
    address: str
    icon: str
    count: int = 0


@dataclass(frozen=True)
class MenuGroup:
    """Entries under one office's heading."""

    title: str
    entries: tuple[MenuEntry, ...]


LATE_AFTER = timedelta(seconds=15)


@dataclass(frozen=True)
class AsOf:
    """截至: the business time up to which the views have read everything, empty before the first.

    ``late`` says that it stands still: the views or the broker are down, or far behind.
    """

    time: str = ""
    late: bool = False


class Site:
    """What the pages stand on. Made once, at the composition root."""

    def __init__(
        self,
        *,
        reading: Reading,
        arrived: Arrived,
        provider: Provider,
        intake: Intake,
        identity_desk: OfficeDoor,
        approvals: OfficeDoor,
        views_door: ViewsDoor,
        sessions: Sessions,
        exports: ExportLog,
        clock: Clock,
        cookies: Cookies,
        load_examples: Callable[[Watch], Awaitable[Loaded]],
        limits: Limits,
    ) -> None:
        """Put the parts together."""
        self.reading = reading
        self._arrived = arrived
        self.provider = provider
        self.intake = intake
        self.identity_desk = identity_desk
        self.approvals = approvals
        self.views_door = views_door
        self.sessions = sessions
        self.exports = exports
        self.clock = clock
        self.cookies = cookies
        self.load_examples = load_examples
        self.limits = limits

    @cached_property
    def templates(self) -> Environment:
        """Templates that escape whatever they are given and know every name they use."""
        environment = Environment(
            loader=FileSystemLoader(ROOT / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {
            "wan": words.wan,
            "yi": words.yi,
            "yi_sum": words.yi_sum,
            "month": words.month,
            "full_moment": words.full_moment,
            "span": words.span,
            "cut": words.cut,
            "limit": words.limit,
            "role": names.role,
            "industry": names.industry,
        }
        environment.globals |= {
            "words": words,
            "pools": words.POOLS,
            "pool_by_code": words.POOL_BY_CODE,
            "stages": words.STAGES,
            "stage_by_code": words.STAGE_BY_CODE,
            "fields": fields,
            "difference": difference,
            "static": static,
        }
        return environment

    async def visit(self, request: Request) -> Visit:
        """Give who is looking.

        Raises:
            NotSignedIn: nobody is, or the session ended.
            TooManyRequests: this account has asked for this page too often.
        """
        visit = await self.uncounted_visit(request)
        self.limits.take(visit.actor.account, request)
        return visit

    async def uncounted_visit(self, request: Request) -> Visit:
        """Give who is looking at a page that says why there is no other.

        Raises:
            NotSignedIn: nobody is, or the session ended.
        """
        session = request.cookies.get(self.cookies.session)
        if not session:
            raise NotSignedIn("请先登录。")
        return replace(await self.sessions.visit(session), units=await self.reading.units())

    async def units(self, visit: Visit, when: Moment) -> Units:
        """Give the units as they were known at the moment of the page."""
        return await self.reading_of(when).units() if when.past else visit.units

    async def fresh(self, visit: Visit, after: str) -> bool:
        """Tell whether the write that an address names, if any, has arrived in the views.

        Of what this account may not know of, it waits and says what it says of what is not there.
        """
        if not after or not await self._arrived(after):
            return not after
        if await may_know(self.reading, self.reader(visit), after):
            return True
        await asyncio.sleep(PATIENCE)
        return False

    def reader(self, visit: Visit) -> Reader:
        """Give what of this account counts for what it sees."""
        return visit.units.reader(visit.actor, self.clock.today())

    def scope(self, visit: Visit) -> Scope:
        """Give the projects that this account sees."""
        return PROJECT_SCOPES.seen_by(self.reader(visit))

    async def render(
        self,
        request: Request,
        template: str,
        visit: Visit | None,
        *,
        status: int = 200,
        title: str,
        current: str = "",
        when: Moment | None = None,
        **context: object,
    ) -> HTMLResponse:
        """Fill a template inside the frame; takes what was said for this page with it.

        ``when`` is the moment that the page speaks of, now unless it says otherwise.
        """
        when = when or moment.present(self.clock)
        today = when.today
        said = self._said(request)
        # Without somebody signed in there is nothing to show that would need the database.
        as_of = await self.as_of(when) if visit else AsOf()
        reckoning = await self.reckoning(request, when) if visit else None
        units = await self.units(visit, when) if visit else NO_UNITS
        # What is owed now has no place beside figures of another day; and a page that waits for
        # what was just written may be waiting for this very report.
        owed = None
        if visit and not when.past and context.get("fresh", True):
            owed = await owed_by(visit.actor, visit.units, self.reading, today)
        page = self.templates.get_template(template).render(
            title=title,
            current=current,
            visit=visit,
            menu=await self._menu(visit, when, owed) if visit else (),
            owed=owed,
            when=when,
            now=when.now,
            today=today,
            calendar_today=self.clock.today(),
            terms=reckoning.rules.on(today) if reckoning else Terms(),
            standing=reckoning.standing if reckoning else None,
            limit_today=reckoning.limit if reckoning else None,
            as_of=as_of,
            clock_time=words.full_moment(self.clock.now()),
            demonstration=self.clock.demonstration,
            nonce=request.state.nonce,
            here=_here(request),
            said=said,
            day=lambda value: words.day(value, today),
            moment=lambda value: words.moment(value, today),
            recent=lambda value: (words.moment if when.past else words.recent)(value, today),
            region=lambda code: names.region(code, today),
            zone=lambda zone_id: names.zone(zone_id, today),
            organisation=lambda org: names.organisation(org, units, today),
            owner=lambda row: names.owner(row.owner_org, row.owner_name, units, today),
            text_of=lambda key, facts: fields.text_of(key, facts, today),
            **context,
        )
        answer = HTMLResponse(page, status_code=status)
        self.stamp(answer, as_of)
        if said:
            self.cookies.drop(answer, self.cookies.said)
        return answer

    async def moment(self, as_of: str) -> Moment:
        """Give the moment that an address asks for; today is now.

        Raises:
            NoSuchDay: the day cannot be read, has not come, or lies before the first record.
        """
        now = moment.present(self.clock)
        if not as_of.strip():
            return now
        day = moment.read_day(as_of.strip(), now.today)
        if day == now.today:
            return now
        first = await self.reading.first_day()
        if first is None or day < first:
            raise moment.too_early(day, first)
        return moment.end_of(day)

    def reading_of(self, when: Moment) -> Reading:
        """Give what answers for a moment."""
        return self.reading.before(when.now) if when.past else self.reading

    def signings(self, when: Moment) -> Signings:
        """Give what answers about signings and events for a moment."""
        signings = self.reading.signings
        return signings.before(when.now) if when.past else signings

    def plans(self, when: Moment) -> Plans:
        """Give what answers about plans of approvals for a moment."""
        plans = self.reading.plans
        return plans.before(when.now) if when.past else plans

    def tags(self, when: Moment) -> Tags:
        """Give what answers about tags for a moment."""
        tags = self.reading.tags
        return tags.before(when.now) if when.past else tags

    async def counting(self, when: Moment) -> Counting:
        """Give what sums up and lists for a moment."""
        if not when.past:
            return self.reading.counting
        return self.reading.counting.before(when.now, settled=await self.heard_to(when))

    async def heard_to(self, when: Moment) -> bool:
        """Tell whether the views have read everything that was recorded by a moment."""
        current = await self.reading.current_at()
        return current is not None and self.clock.of(current) >= when.now

    async def as_of(self, when: Moment | None = None) -> AsOf:
        """Give the business time that the views have come to, and whether they lag behind.

        Of a day in the past: its end, unless they have not come to it yet.
        """
        current = await self.reading.current_at()
        if current is None:
            return AsOf()
        if when and when.past and self.clock.of(current) >= when.now:
            return AsOf(f"{when.asked} 24:00")
        late = datetime.now(UTC) - current > LATE_AFTER
        return AsOf(words.full_moment(self.clock.of(current)), late=late)

    def stamp(self, answer: Response, as_of: AsOf) -> None:
        """Put on an answer what time it is, and up to when the views have read."""
        answer.headers["Siku-Clock"] = words.full_moment(self.clock.now())
        if as_of.time:
            answer.headers["Siku-As-Of"] = as_of.time
            answer.headers["Siku-As-Of-Late"] = "true" if as_of.late else "false"

    async def rules(self, request: Request, when: Moment | None = None) -> Rules:
        """Give the rules of review as known at the moment of the page, read once for a request."""
        if not hasattr(request.state, "rules"):
            reading = self.reading_of(when) if when else self.reading
            request.state.rules = await reading.rules(REVIEW)
        rules: Rules = request.state.rules
        return rules

    async def paper_names(self, when: Moment) -> Mapping[str, str]:
        """Name the papers that a move may rest on, as the rules of the day do."""
        rules = await self.reading_of(when).rules(MOVE)
        return paper_names(rules.file_on(when.today))

    async def reckoning(self, request: Request, when: Moment | None = None) -> Reckoning:
        """Give what counts terms for the page: its day, its rules, its calendar."""
        when = when or moment.present(self.clock)
        known = await self.reading.in_force()
        return Reckoning(await self.rules(request, when), known, when.today)

    async def onward(self, request: Request, address: str, going: str) -> HTMLResponse:
        """Send the browser on with a page that goes on by itself.

        A redirect would not do: after a form, browsers follow one to our own host only, and after a
        redirect from another site they do not send the strict session cookie along.
        """
        return await self.render(
            request, "onward.html", None, title=going, address=address, going=going
        )

    def turn(self, request: Request, address: str, said: Said | None = None) -> Response:
        """Send the browser on after a command, with a sentence for the page it comes to."""
        answer = RedirectResponse(address, status_code=303)
        if said:
            text = base64.urlsafe_b64encode(
                json.dumps(asdict(said), ensure_ascii=False).encode()
            ).decode()
            self.cookies.put(request, answer, self.cookies.said, text, 60)
        return answer

    async def command(
        self,
        visit: Visit,
        path: str,
        body: Body,
        *,
        key: str,
        version: str = "",
        method: str = "POST",
        patience: float | None = None,
    ) -> Answer:
        """Send a command to intake with the user's own token."""
        return await self.intake.command(
            await self.sessions.token(visit.session, "intake"),
            path,
            body,
            key=key,
            version=version,
            method=method,
            patience=patience,
        )

    async def ask(self, visit: Visit, path: str) -> Answer:
        """Fetch a document from intake with the user's own token."""
        return await self.intake.read(await self.sessions.token(visit.session, "intake"), path)

    def _said(self, request: Request) -> Said | None:
        text = request.cookies.get(self.cookies.said)
        if not text:
            return None
        try:
            return Said(**json.loads(base64.urlsafe_b64decode(text)))
        except (ValueError, TypeError):
            return None

    async def _menu(self, visit: Visit, when: Moment, owed: Due | None) -> tuple[MenuGroup, ...]:
        projects = [
            MenuEntry("work", "我的工作", "/work", "desk"),
            MenuEntry("board", "四库看板", "/board", "board"),
            MenuEntry("projects", "项目清单", "/projects", "list"),
        ]
        if may(visit.actor, "report"):
            projects.append(MenuEntry("new", "申报", "/projects/new", "add"))
            projects.append(MenuEntry("import", "导入", "/import", "import"))
        bodies = visit.units.planning_bodies(self.clock.today())
        months = MONTH_SCOPES.seen_by(self.reader(visit))
        if any(months.holds({"org": body.id}) for body in bodies):
            projects.append(
                MenuEntry("months", "按月报送", "/months", "clock", 0 if owed is None else 1)
            )
        if not self.scope(visit).nothing:
            projects.append(MenuEntry("progress", "月报", "/progress", "stat"))
        if may(visit.actor, "report"):
            projects.append(MenuEntry("contact-reads", "查阅记录", "/contact-reads", "lock"))
        if visit.actor.role in ALL_WHO_SEE:
            projects.append(MenuEntry("tags", "标签", "/tags", "column"))
        groups = [MenuGroup("项目", tuple(projects))]
        if visit.actor.role in SIGNING_SCOPES.rows:
            groups.append(MenuGroup("招商", _INVITING))
        if stage := REVIEWS.get(visit.actor.role):
            # What waits now has no place beside figures of another day.
            count = 0 if when.past else await self.reading.waiting(self.scope(visit), stage)
            reviews = [MenuEntry("desk", "审核台", "/desk", "review", count)]
            if may(visit.actor, "first_review"):
                reviews.append(MenuEntry("duplicates", "查重", "/duplicates", "dup"))
            groups.append(MenuGroup("审核", tuple(reviews)))
        if visit.actor.role in ALL_WHO_SEE:
            groups.append(
                MenuGroup(
                    "考核",
                    (
                        MenuEntry("targets", "目标", "/targets", "target"),
                        MenuEntry("ranking", "月度排队", "/ranking", "rank"),
                    ),
                )
            )
        groups.append(MenuGroup("审批", await self._approving(visit, when)))
        if may(visit.actor, "administer"):
            groups.append(MenuGroup("账号与机构", _ADMINISTERING))
        if may(visit.actor, "operate"):
            entries = [MenuEntry("set-aside", "搁置的事实", "/set-aside", "warn")]
            if self.clock.demonstration:
                entries.append(MenuEntry("examples", "示例城市", "/example-city", "import"))
            groups.append(MenuGroup("运维", tuple(entries)))
        return tuple(groups)

    async def _approving(self, visit: Visit, when: Moment) -> tuple[MenuEntry, ...]:
        """Give the pages of approvals; what waits for the own office is counted."""
        entries = []
        scope = ITEM_SCOPES.seen_by(self.reader(visit))
        if not scope.nothing:
            own = not when.past and may(visit.actor, "handle_items")
            count = await self.reading.items.waiting(scope, visit.actor.org) if own else 0
            entries += [
                MenuEntry("approvals", "审批台", "/approvals", "permit", count),
                MenuEntry("overdue", "超期清单", "/approvals/overdue", "clock"),
                MenuEntry("approval-months", "手续办理月", "/approvals/months", "stat"),
            ]
        if may(visit.actor, "import_results"):
            entries.append(MenuEntry("results", "办理结果", "/results", "import"))
        return (
            *entries,
            MenuEntry("catalogue", "审批事项目录", "/catalogue", "list"),
            MenuEntry("calendar", "工作日历", "/calendar", "calendar"),
        )


_INVITING = (
    MenuEntry("signings", "招商签约", "/signings", "permit"),
    MenuEntry("promotions", "招商活动", "/promotions", "bulletin"),
)
_ADMINISTERING = (
    MenuEntry("accounts", "账号", "/accounts", "user"),
    MenuEntry("machines", "机器账号", "/machines", "machine"),
    MenuEntry("roles", "角色与权限", "/roles", "lock"),
    MenuEntry("substitutes", "请假代理", "/substitutes", "swap"),
    MenuEntry("organisations", "机构", "/organisations", "unit"),
    MenuEntry("trail", "操作记录", "/trail", "history"),
    MenuEntry("contact-reads", "查阅记录", "/contact-reads", "lock"),
    MenuEntry("exports", "导出记录", "/exports", "down"),
    MenuEntry("erasures", "个人信息删除", "/erasures", "out"),
)


def static(path: str) -> str:
    """Give the address of a static file; its age in the address lets browsers keep it."""
    file = ROOT / "static" / path
    stamp = f"?v={int(file.stat().st_mtime)}" if file.exists() else ""
    return f"/static/{path}{stamp}"


def not_in_scope() -> NotFound:
    """Give the refusal for what is not there or not in this account's scope: they look the same."""
    return NotFound("这件不在你单位的范围内，或者没有这一件。")


def sign_in_address(request: Request) -> str:
    """Give the sign-in page that leads back here; a form that was sent leads to its page."""
    if request.method == "GET" and request.url.path != "/":
        return f"/sign-in?next={quote(_here(request), safe='')}"
    return "/sign-in"


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"
