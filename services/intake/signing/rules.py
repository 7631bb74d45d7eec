"""The columns of a signing: one small rule each, with its sentence and its remedy."""

from collections.abc import Iterator, Mapping
from datetime import date

from contracts.reference.codes import is_credit_code
from services.intake.project.rules import unfit
from services.intake.signing.commands import Bounds, Description
from shared.refusals import Problem, UnreadableInput

LABELS: Mapping[str, str] = {
    "title": "签约事项",
    "investor": "投资方",
    "investor_uscc": "投资方统一社会信用代码",
    "investor_place": "投资方所在地",
    "region": "落地县区",
    "zone_id": "落地开发区",
    "industry": "行业代码",
    "intended_investment": "意向投资（万元）",
    "contract_investment": "合同投资额（万元）",
    "contract_number": "合同编号",
    "evidence": "佐证附件",
    "begun_on": "洽谈日期",
    "signed_on": "签订日期",
    "amended_on": "变更日期",
    "ended_on": "终止日期",
    "held_on": "活动日期",
    "place": "活动地点",
    "outside_city": "在市外举办",
    "note": "说明",
    "reason": "理由",
    "project_id": "关联项目",
    "to_org": "责任单位",
}
_REQUIRED = ("title", "investor", "investor_place")


def problem(field: str, rule: str, message: str, remedy: str) -> Problem:
    """Word what is wrong with a column."""
    label = LABELS[field]
    return Problem(field, label, rule, f"{label}{message}", remedy)


def demand(found: Iterator[Problem]) -> None:
    """Refuse what has something wrong with it.

    Raises:
        UnreadableInput: it names every column that is wrong.
    """
    if errors := list(found):
        raise UnreadableInput(f"有 {len(errors)} 处填写有误，请按提示修改。", errors=errors)


def description_problems(of: Description, bounds: Bounds) -> Iterator[Problem]:
    """Find what is wrong with what a signing is about."""
    for field in _REQUIRED:
        text = getattr(of, field)
        if not text.strip():
            yield problem(field, "required", "没有填写。", f"请填写{LABELS[field]}。")
        yield from text_problems(field, text, bounds.longest_title)
    if of.investor_uscc is not None and not is_credit_code(of.investor_uscc):
        yield problem(
            "investor_uscc",
            "uscc",
            f"“{of.investor_uscc}”校验不通过。",
            "请按营业执照核对 18 位代码（不含字母 I、O、S、V、Z）；境外投资方留空。",
        )
    if of.region is not None and of.region not in bounds.regions:
        known = "、".join(f"{code} {name}" for code, name in bounds.regions.items())
        yield problem("region", "region_code", "不是本市的县级区划码。", f"请从 {known} 中选。")
    if of.zone_id is not None and of.zone_id not in bounds.zones:
        known = "、".join(bounds.zones.values())
        yield problem("zone_id", "zone_id", "不是已设立的开发区。", f"请从 {known} 中选，或留空。")
    if of.industry is not None and not (
        of.industry.isascii()
        and of.industry.isdecimal()
        and len(of.industry) in {2, 3, 4}
        and of.industry[:2] in bounds.industries
    ):
        yield problem(
            "industry",
            "industry_code",
            f"“{of.industry}”不是 GB/T 4754-2017 的行业代码。",
            "请填 2–4 位数字，大类 01–97；还不清楚的留空。",
        )
    if of.intended_investment is not None:
        yield from amount_problems("intended_investment", of.intended_investment)


def amount_problems(field: str, yuan: int) -> Iterator[Problem]:
    """Find an amount that is none."""
    if yuan <= 0:
        yield problem(field, "amount_positive", "应大于 0。", "请按万元填写。")


def text_problems(field: str, text: str, longest: int) -> Iterator[Problem]:
    """Find what no text may hold."""
    if len(text) > longest:
        yield problem(field, "text_length", f"超过 {longest} 字。", "请压缩。")
    yield from unfit(field, LABELS[field], text)


def reason_problems(field: str, text: str, longest: int) -> Iterator[Problem]:
    """Find a reason that is missing or unfit."""
    if not text.strip():
        yield problem(field, "required", "没有填写。", f"请写明{LABELS[field]}。")
    yield from text_problems(field, text, longest)


def day_problems(
    field: str, day: date, on: date, earliest: date | None = None
) -> Iterator[Problem]:
    """Find a day that has not come yet, or lies before what it must follow."""
    if day > on:
        yield problem(field, "day_to_come", f"{day} 还没有到。", f"今天是 {on}，请填已发生的日期。")
    if earliest is not None and day < earliest:
        yield problem(
            field, "day_too_early", f"{day} 早于前一步的 {earliest}。", "请核对先后次序。"
        )
