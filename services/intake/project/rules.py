"""The columns of 附件1: one small rule each, with its message and its remedy.

Sources: 附件 "项目内容" (the eight elements); lengths, patterns and what is only a hint are
系统默认. A rule yields errors, which bar the report, and hints, which the clerk confirms.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.intake import ProjectFacts
from contracts.reference.codes import is_credit_code, read_project_code
from shared.free_text import Flaw, flaws
from shared.refusals import Problem

COLUMNS: Mapping[str, str] = {
    "name": "项目名称",
    "project_code": "项目代码",
    "content": "建设内容",
    "location": "建设地点",
    "location.region": "建设地点（县区）",
    "location.address": "建设地点（详址）",
    "location.zone_id": "开发区",
    "builder": "建设单位",
    "builder.name": "建设单位",
    "builder.uscc": "统一社会信用代码",
    "total_investment": "总投资（万元）",
    "funding": "资金来源",
    "funding.source": "资金来源",
    "funding.amount": "资金来源金额（万元）",
    "planned_start": "计划开工时间",
    "contact": "项目负责人",
    "contact.name": "项目负责人",
    "contact.phone": "联系电话",
    "category": "产业类别",
    "track": "谋划方向",
    "lead_side": "主导方",
    "industry": "行业代码",
    "preparation": "前期进展",
    "build_from": "建设起始年月",
    "build_until": "建设终止年月",
    "annual_plan": "年度计划",
    "needs": "需协调问题",
    "remarks": "备注",
}
"""The columns of the form, with the names that are printed on it."""

LABELS: Mapping[str, str] = {
    **COLUMNS,
    "not_secret": "非涉密确认",
    "owner": "报送单位",
    "pool": "所在库",
    "entered_on": "入库日期",
    "pool_since": "进入现库日期",
    "started_on": "开工日期",
    "finished_on": "竣工日期",
    "rows": "期初项目",
    "opinion": "审核意见",
    "verdict": "审核结论",
    "reason": "理由",
    "transition": "调库类型",
    "hold_until": "暂缓到期日",
    "resume_when": "恢复条件",
    "absorbs": "被并入的项目",
    "duplicate": "重复件",
    "parts": "子项",
    "to": "退回至",
    "on_revision": "所依据的版本",
    "document_number": "文号",
    "accepted_hints": "已确认的提示",
    "file": "文件名",
    "evidence": "佐证附件",
    "remarks.field": "分栏意见的栏目",
    "remarks.text": "分栏意见",
}

_PHONE = re.compile(r"(1[3-9]\d{9}|0\d{2,3}-?[2-9]\d{6,7}(-\d{1,6})?)", re.ASCII)
_INDUSTRY = re.compile(r"\d{2,4}", re.ASCII)


@dataclass(frozen=True)
class Contact:
    """The responsible officer as typed; never part of a fact."""

    name: str
    phone: str


@dataclass(frozen=True)
class Form:
    """What a form is checked with: the policy of the day, the codes that are valid, the contact."""

    on: date
    shortest_name: int
    longest_name: int
    shortest_content: int
    longest_content: int
    longest_text: int
    start_within_years: int
    city: str
    regions: Mapping[str, str]
    zones: Mapping[str, str]
    industries: frozenset[str]
    contact: Contact | None = None


@dataclass(frozen=True)
class Finding:
    """What one rule found; a hint does not bar the report once it is confirmed."""

    problem: Problem
    hint: bool = False


Rule = Callable[[ProjectFacts, Form], Iterator[Finding]]


def found(field: str, rule: str, message: str, remedy: str, *, hint: bool = False) -> Finding:
    """Word a finding about a column."""
    label = LABELS[field]
    return Finding(Problem(field, label, rule, f"{label}{message}", remedy), hint)


def name_is_of_fitting_length(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """项目名称: 2 to 100 characters."""
    length = len(facts.name.strip())
    if not form.shortest_name <= length <= form.longest_name:
        yield found(
            "name",
            "name_length",
            f"应为 {form.shortest_name}–{form.longest_name} 字，现为 {length} 字。",
            "请填写完整、规范的项目名称。",
        )


def project_code_is_well_formed(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """项目代码: either generation of the national code, of a region that exists."""
    if facts.project_code is None:
        return
    code = read_project_code(facts.project_code)
    if code is None:
        yield found(
            "project_code",
            "project_code_format",
            f"“{facts.project_code}”不合规则。",
            "请按赋码通知填写 24 位代码（含 4 个短横），如 2019-140525-30-03-002187；"
            "尚未赋码请留空。",
        )
    # Other places' codes are not ours to know; of this city's own there are only so many.
    elif code.region.startswith(form.city[:4]) and code.region not in {form.city, *form.regions}:
        yield found(
            "project_code",
            "project_code_region",
            f"里的区划码 {code.region} 不存在。",
            "请按赋码通知核对第 2 段："
            + "、".join(f"{code} {name}" for code, name in form.regions.items())
            + f"，或市级 {form.city}。",
        )


def content_tells_the_scale(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """建设内容: 10 to 2000 characters, with the scale."""
    if facts.content is None:
        return
    length = len(facts.content.strip())
    if not form.shortest_content <= length <= form.longest_content:
        yield found(
            "content",
            "content_length",
            f"应为 {form.shortest_content}–{form.longest_content} 字，现为 {length} 字。",
            "请写明建设内容和规模。",
        )
    elif not any(character.isnumeric() for character in facts.content):
        yield found(
            "content",
            "content_scale",
            "没有写明规模。",
            "请补写面积、产能、里程等数字；确无规模的可确认后报送。",
            hint=True,
        )


def place_is_in_the_city(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """建设地点: a county-level code of the city; a zone has no code of its own."""
    place = facts.location
    if place.region is not None and place.region not in form.regions:
        yield found(
            "location.region",
            "region_code",
            f"“{place.region}”不是本市的县级区划码。",
            "请从 "
            + "、".join(f"{code} {name}" for code, name in form.regions.items())
            + " 中选。",
        )
    if place.zone_id is not None and place.zone_id not in form.zones:
        yield found(
            "location.zone_id",
            "zone_id",
            f"“{place.zone_id}”不是已设立的开发区。",
            "请从 " + "、".join(form.zones.values()) + " 中选；不在开发区请留空。",
        )


def builder_code_holds(facts: ProjectFacts, _: Form) -> Iterator[Finding]:
    """统一社会信用代码: GB 32100-2015 with its check character; may be open while planning."""
    code = facts.builder.uscc
    if code is not None and not is_credit_code(code):
        yield found(
            "builder.uscc",
            "uscc",
            f"“{code}”校验不通过。",
            "请按营业执照核对 18 位代码（不含字母 I、O、S、V、Z）；谋划期没有可留空。",
        )


def investment_is_positive(facts: ProjectFacts, _: Form) -> Iterator[Finding]:
    """项目投资: more than nothing."""
    if facts.total_investment is not None and facts.total_investment <= 0:
        yield found("total_investment", "investment_positive", "应大于 0。", "请按万元填写总投资。")


def funding_adds_up(facts: ProjectFacts, _: Form) -> Iterator[Finding]:
    """资金来源: each source once with an amount; the sum equals the investment (a hint)."""
    sources = [part.source for part in facts.funding]
    if len(set(sources)) != len(sources):
        yield found("funding", "funding_twice", "有一种来源填了两次。", "请合并成一行。")
    if any(part.amount <= 0 for part in facts.funding):
        yield found("funding.amount", "funding_positive", "应大于 0。", "没有金额的来源请删去。")
    total = sum(part.amount for part in facts.funding)
    if facts.funding and facts.total_investment is not None and total != facts.total_investment:
        gap = abs(total - facts.total_investment)
        yield found(
            "funding",
            "funding_sum",
            f"合计 {ten_thousands(total)} 万元，与总投资 {ten_thousands(facts.total_investment)} "
            f"万元差 {ten_thousands(gap)} 万元。",
            "请核对各来源金额；确有缺口的可确认后报送。",
            hint=True,
        )


def start_is_within_three_years(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """计划开工: within three years of the report; later needs its reason in 备注 ("原则上")."""
    if facts.planned_start is None:
        return
    latest = f"{form.on.year + form.start_within_years:04d}-{form.on.month:02d}"
    if facts.planned_start <= latest:
        return
    reasoned = bool((facts.remarks or "").strip())
    yield found(
        "planned_start",
        "start_within_years",
        f"为 {facts.planned_start}，超过报送日起 {form.start_within_years} 年（{latest}）。",
        "已在备注写明理由，请确认。" if reasoned else "请提前开工时间，或在备注栏写明理由。",
        hint=reasoned,
    )


def industry_is_listed(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """行业代码: GB/T 4754-2017, two to four digits under a listed division."""
    code = facts.industry
    if code is not None and not (_INDUSTRY.fullmatch(code) and code[:2] in form.industries):
        yield found(
            "industry",
            "industry_code",
            f"“{code}”不是 GB/T 4754-2017 的行业代码。",
            "请按项目投产后的主要产品填 2–4 位数字，大类 01–97。",
        )


def years_are_in_order(facts: ProjectFacts, _: Form) -> Iterator[Finding]:
    """建设起止: the end is not before the beginning."""
    if facts.build_from and facts.build_until and facts.build_until < facts.build_from:
        yield found(
            "build_until",
            "build_years",
            f"{facts.build_until} 早于起始年月 {facts.build_from}。",
            "请核对建设起止年月。",
        )


def contact_can_be_reached(_: ProjectFacts, form: Form) -> Iterator[Finding]:
    """项目负责人、联系电话: a name, and 11 digits or an area code with a number."""
    yield from _reachable(form)


def _reachable(form: Form) -> Iterator[Finding]:
    if form.contact is None:
        return
    yield from unfit_text("contact.name", form.contact.name)
    if len(form.contact.name) > 50:
        yield found("contact.name", "contact_name", "超过 50 字。", "请只填姓名。")
    if form.contact.phone and not _PHONE.fullmatch(form.contact.phone):
        yield found(
            "contact.phone",
            "phone_format",
            "格式不对。",
            "请填 11 位手机号，或区号加号码，如 0356-2198345。",
        )


def texts_fit(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """Free text has a limit."""
    for field, text in free_texts(facts).items():
        if field not in {"name", "content"} and len(text) > form.longest_text:
            yield found(
                field, "text_length", f"超过 {form.longest_text} 字。", "请压缩，详情另附材料。"
            )


def texts_can_be_shown_to_many(facts: ProjectFacts, _: Form) -> Iterator[Finding]:
    """Free text is seen by many: telephone and identity numbers belong in their own columns."""
    for field, text in free_texts(facts).items():
        yield from unfit_text(field, text)


_FLAWS: Mapping[Flaw, tuple[str, str, str]] = {
    "unprintable": (
        "unprintable",
        "里有无法显示的字符。",
        "多由复制带入，请删去这一栏后重新键入。",
    ),
    "phone": (
        "personal_data",
        "里有电话号码。",
        "请删去；电话只填在“联系电话”栏，由系统保护。",
    ),
    "identity": ("personal_data", "里有身份证号。", "请删去，本系统不收集身份证号。"),
    "secret": (
        "marked_secret",
        "里有密级标志。",
        "本系统不处理涉密项目，没有保存任何内容；请按保密规定另行报送。",
    ),
}


def unfit_text(field: str, text: str) -> Iterator[Finding]:
    """Find what no free text may hold, in a form as in a review."""
    for problem in unfit(field, LABELS[field], text):
        yield Finding(problem)


def unfit(field: str, label: str, text: str) -> Iterator[Problem]:
    """Find what no free text may hold, in a column with this label."""
    for flaw in flaws(text):
        rule, message, remedy = _FLAWS[flaw]
        yield Problem(field, label, rule, f"{label}{message}", remedy)


def free_texts(facts: ProjectFacts) -> dict[str, str]:
    """Give the columns that hold free text, as far as they are filled."""
    texts = {
        "name": facts.name,
        "content": facts.content,
        "location.address": facts.location.address,
        "builder.name": facts.builder.name,
        "preparation": facts.preparation,
        "annual_plan": facts.annual_plan,
        "needs": facts.needs,
        "remarks": facts.remarks,
    }
    return {field: text for field, text in texts.items() if text}


COLUMN_RULES: tuple[Rule, ...] = (
    name_is_of_fitting_length,
    project_code_is_well_formed,
    content_tells_the_scale,
    place_is_in_the_city,
    builder_code_holds,
    investment_is_positive,
    funding_adds_up,
    start_is_within_three_years,
    contact_can_be_reached,
    industry_is_listed,
    years_are_in_order,
    texts_fit,
    texts_can_be_shown_to_many,
)


def missing(facts: ProjectFacts, form: Form) -> Iterator[Finding]:
    """Find the columns that a report needs and that are still open."""
    filled: dict[str, object] = {
        "content": facts.content,
        "location.region": facts.location.region,
        "location.address": facts.location.address,
        "builder.name": facts.builder.name,
        "total_investment": facts.total_investment,
        "funding": facts.funding,
        "planned_start": facts.planned_start,
        "contact.name": form.contact and form.contact.name,
        "contact.phone": form.contact and form.contact.phone,
        "category": facts.category,
        "track": facts.track,
        "lead_side": facts.lead_side,
        "industry": facts.industry,
    }
    for field, value in filled.items():
        blank = isinstance(value, str) and not value.strip()
        if value is None or blank or value == ():
            yield found(field, "required", "没有填写。", f"报送前请填写{LABELS[field]}。")


def findings(facts: ProjectFacts, form: Form, *, complete: bool) -> list[Finding]:
    """Apply every rule; ``complete`` also asks for the columns that a report needs."""
    results = [finding for rule in COLUMN_RULES for finding in rule(facts, form)]
    if complete:
        results += missing(facts, form)
    return results


def contact_findings(form: Form) -> list[Finding]:
    """Apply the rules of a responsible officer alone, who must be named in full."""
    contact = form.contact or Contact("", "")
    return [
        *_reachable(form),
        *(
            found(field, "required", "没有填写。", f"请填写{LABELS[field]}。")
            for field, value in (("contact.name", contact.name), ("contact.phone", contact.phone))
            if not value.strip()
        ),
    ]


def claimed_name(name: str) -> str:
    """Spell a name so that width, blanks and letter case make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def ten_thousands(yuan: int) -> str:
    """Show yuan in 万元."""
    whole, rest = divmod(yuan, 10_000)
    return f"{whole:,}" if rest == 0 else f"{whole:,}.{rest // 100:02d}"
