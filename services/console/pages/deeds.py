"""What was done to an account or a unit, in the office's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue

from services.console.pages import names
from services.console.pages.roles import ACTS
from services.console.pages.words import ERASURE_REASONS, day
from shared.units import Units

NAMES = {
    "identity.account.opened.v1": "开通账号",
    "identity.account.assigned.v1": "任职变动",
    "identity.account.disabled.v1": "停用账号",
    "identity.account.enabled.v1": "启用账号",
    "identity.account.closed.v1": "注销账号",
    "identity.account.erased.v1": "删除账号信息",
    "identity.account.password_reset.v1": "重置密码",
    "identity.account.password_changed.v1": "修改密码",
    "identity.account.signed_out.v1": "全部退出",
    "identity.substitute.appointed.v1": "请假代理",
    "identity.substitute.ended.v1": "结束代理",
    "identity.machine.opened.v1": "开通机器账号",
    "identity.machine.scopes_changed.v1": "调整机器账号权限",
    "identity.machine.secret_rotated.v1": "密钥轮换",
    "identity.machine.secret_revoked.v1": "作废旧密钥",
    "identity.machine.disabled.v1": "停用机器账号",
    "identity.machine.enabled.v1": "启用机器账号",
    "identity.machine.closed.v1": "注销机器账号",
    "identity.organisation.established.v1": "设立机构",
    "identity.organisation.renamed.v1": "机构更名",
    "identity.organisation.merged.v1": "机构并入",
    "identity.organisation.split.v1": "机构拆分",
    "identity.organisation.closed.v1": "机构撤销",
}
RESULTS: Mapping[str, tuple[str, str]] = {
    "SIGNED_IN": ("ok", "登录"),
    "PASSWORD_CHANGED": ("ok", "改密码"),
    "MUST_CHANGE": ("none", "一次性密码，待设新密码"),
    "OVER": ("near", "一次性密码已过期"),
    "WRONG": ("near", "密码不对"),
    "NO_POST": ("near", "密码对，但停用或无任职"),
    "LOCKED": ("late", "连错 5 次，锁定 15 分钟"),
    "REPLAYED": ("late", "登录凭证被重复使用，已作废"),
    "NO_SCOPE": ("near", "要了没有给的权限"),
}
MACHINE_RESULTS = {
    **RESULTS,
    "SIGNED_IN": ("ok", "给了令牌"),
    "WRONG": ("near", "密钥不对"),
    "NO_POST": ("near", "密钥对，但停用、期限外或单位已终止"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "IN_USE": ("ok", "在用"),
    "NO_POST": ("near", "无任职"),
    "DISABLED": ("none", "停用"),
    "CLOSED": ("done", "注销"),
}
MACHINE_STATES: Mapping[str, tuple[str, str]] = {
    "IN_USE": ("ok", "在用"),
    "OUT_OF_TERM": ("near", "期限外"),
    "DISABLED": ("none", "停用"),
    "CLOSED": ("done", "注销"),
}
SCOPES: Mapping[str, str] = {
    "read": "读取",
    **{
        str(act): text
        for act, text in ACTS.items()
        if act not in {"administer", "erase_personal_data"}
    },
}
"""What a machine account can be given, in the words of the office."""
KINDS = {
    "county": "县（市、区）",
    "zone": "开发区",
    "department": "市直部门",
    "group": "企业集团",
    "other": "其他单位",
    "province": "省级单位",
}
PATHS = {"county": "经县级报市级", "direct": "直接报市级"}
SYSTEM = "system"
ERASURES: Mapping[str, str] = {code.value: text for code, text in ERASURE_REASONS.items()}

_Text = Annotated[str, BeforeValidator(lambda value: value or "")]


class Fact(BaseModel):
    """What a fact of identity may hold."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: _Text = ""
    substitute_id: _Text = ""
    machine_id: _Text = ""
    organisation_id: _Text = ""
    role: _Text = ""
    uscc: _Text = ""
    reason: _Text = ""
    name: _Text = ""
    short_name: _Text = ""
    into: tuple[str, ...] | str = ()
    accounts_to: _Text = ""
    basis: _Text = ""
    scopes: tuple[str, ...] = ()
    purpose: _Text = ""
    overlap_hours: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class Person(BaseModel):
    """Who is behind an account id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str = ""
    name: str = ""


People = Mapping[str, Person]


class Deed(BaseModel):
    """A stored fact with when and by whom it was told."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str
    by: str
    kind: str
    stream: str
    version: int
    fact: Fact


@dataclass(frozen=True)
class Line:
    """A deed as a page tells it: what, concerning what, in which words, by whom, when."""

    what: str
    about: str
    address: str
    words: str
    by: str
    at: str
    key: bool


def tell(deed: Deed, people: People, units: Units, today: date) -> Line:
    """Tell a deed."""
    about, address = _about(deed, people, units, today)
    return Line(
        what=NAMES.get(deed.kind, deed.kind),
        about=about,
        address=address,
        words="；".join(part for part in _parts(deed, people, units, today) if part),
        by="系统，按资料文件" if deed.by == SYSTEM else who(deed.by, people),
        at=moment(deed.at),
        key=deed.by != SYSTEM,
    )


def who(account: str, people: People) -> str:
    """Give the name behind an account id, with its user name."""
    person = people.get(account)
    return f"{person.name}（{person.username or '机器账号'}）" if person else account


def page_of(account: str, people: People) -> str:
    """Give the page of whoever is behind an account id; a machine account has no user name."""
    person = people.get(account)
    return f"/{'machines' if person and not person.username else 'accounts'}/{account}"


def moment(text: str) -> str:
    """Write an instant with its seconds left off."""
    return text[:16].replace("T", " ")


def _about(deed: Deed, people: People, units: Units, today: date) -> tuple[str, str]:
    kind = deed.stream.partition("-")[0]
    if kind == "organisation":
        unit = deed.fact.organisation_id
        return deed.fact.short_name or names.organisation(
            unit, units, today
        ), f"/organisations/{unit}"
    account = deed.fact.machine_id or deed.fact.account_id
    place = "machines" if kind == "machine" else "accounts"
    return who(account, people), f"/{place}/{account}"


def _parts(deed: Deed, people: People, units: Units, today: date) -> tuple[str, ...]:
    fact = deed.fact
    into = (fact.into,) if isinstance(fact.into, str) else fact.into
    event = deed.kind.split(".")[1]
    if event == "substitute":
        return (
            f"代理人 {who(fact.substitute_id, people)}",
            f"{_day(fact.valid_from, today)} 起" if fact.valid_from else "",
            f"最后一日 {_day(fact.valid_to, today)}",
        )
    if event in {"account", "machine"}:
        post = (
            f"{names.role(fact.role)}，{names.organisation(fact.organisation_id, units, today)}"
            if fact.role
            else ""
        )
        return (
            post,
            f"自 {_day(fact.valid_from, today)} 起" if fact.valid_from else "",
            f"至 {_day(fact.valid_to, today)}" if fact.valid_to else "",
            f"统一社会信用代码 {fact.uscc}" if fact.uscc else "",
            f"权限：{'、'.join(SCOPES.get(one, one) for one in fact.scopes)}"
            if fact.scopes
            else "",
            f"用途：{fact.purpose}" if fact.purpose else "",
            f"依据 {fact.basis}" if fact.basis else "",
            _overlap(fact.overlap_hours),
            f"原因：{ERASURES.get(fact.reason, fact.reason)}" if fact.reason else "",
        )
    return (
        f"{fact.name}（{fact.short_name}）" if fact.name else "",
        f"自 {_day(fact.valid_from, today)} 起" if fact.valid_from else "",
        f"由{'、'.join(names.organisation(one, units, today) for one in into)}承接" if into else "",
        f"账号转到{names.organisation(fact.accounts_to, units, today)}" if fact.accounts_to else "",
        f"最后一日 {_day(fact.valid_to, today)}" if fact.valid_to else "",
        f"依据 {fact.basis}" if fact.basis else "",
    )


def _overlap(hours: int | None) -> str:
    if hours is None:
        return ""
    return f"旧密钥再用 {hours} 小时" if hours else "旧密钥立即作废"


def _day(value: date | None, today: date) -> str:
    return day(value, today) if value else ""


def read_deeds(rows: JsonValue) -> tuple[Deed, ...]:
    """Read the deeds of an answer."""
    return tuple(Deed.model_validate(row) for row in rows) if isinstance(rows, list) else ()


def read_people(rows: JsonValue) -> People:
    """Read who is behind the account ids of an answer."""
    if not isinstance(rows, dict):
        return {}
    return {account: Person.model_validate(row) for account, row in rows.items()}
