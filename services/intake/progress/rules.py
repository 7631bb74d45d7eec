"""The columns of a monthly report: one small rule each, with its message and its remedy.

An error bars the report; a hint is unusual and has to be confirmed. Thresholds are 系统默认.
"""

from collections.abc import Callable, Iterator, Mapping

from services.intake.progress.commands import ReportProgress
from services.intake.progress.states import Progress
from services.intake.project.rules import Finding, unfit_text
from shared.refusals import Problem

LABELS: Mapping[str, str] = {
    "month": "月份",
    "invested": "本月完成投资",
    "invested.construction": "建筑工程",
    "invested.installation": "安装工程",
    "invested.equipment": "设备工器具购置",
    "invested.other": "其他费用",
    "funds": "到位资金",
    "funds.source": "资金来源",
    "funds.amount": "到位资金金额",
    "milestones": "形象进度",
    "milestones.milestone": "里程碑",
    "milestones.percent": "完成比例",
    "milestones.reached_on": "完成日期",
    "problems": "存在问题",
    "problems.text": "存在问题",
    "problems.asks": "请谁协调",
    "text": "进展情况",
    "reason": "更正或冲减原因",
    "as_of": "期初日期",
    "invested_in_all": "自开工累计完成投资",
    "invested_this_year": "本年完成投资",
    "happened_on": "日期",
    "is_on": "更正为",
    "was_on": "原记日期",
    "note": "说明",
    "what": "事项",
}


def found(place: str, rule: str, message: str, remedy: str, *, hint: bool = False) -> Finding:
    """Word a finding about a column; ``place`` may name a row of a list."""
    label = LABELS[".".join(part for part in place.split(".") if not part.isdecimal())]
    return Finding(Problem(place, label, rule, f"{label}{message}", remedy), hint)


Rule = Callable[[ReportProgress, Progress], Iterator[Finding]]


def month_is_not_ahead(ask: ReportProgress, progress: Progress) -> Iterator[Finding]:
    """A month is reported from its first day on, and not from before the project was here."""
    if ask.month > f"{ask.on:%Y-%m}":
        yield found("month", "month_ahead", f" {ask.month} 还没有开始。", "请报本月或以前的月份。")
    opening, since = progress.opening, ask.project.since
    if opening and ask.month <= f"{opening.as_of:%Y-%m}":
        yield found(
            "month",
            "before_opening",
            f" {ask.month} 已经算在 {opening.as_of} 的期初累计里。",
            "请报以后的月份。",
        )
    elif since and not opening and ask.month < f"{since:%Y-%m}":
        yield found(
            "month",
            "before_pooled",
            f" {ask.month} 项目还没有入库（{since} 入库）。",
            "入库以前完成的投资请先填期初累计。",
        )


def less_than_nothing_has_a_reason(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """A month, or a source of money, below zero takes something back and says why."""
    parts = ask.invested.model_dump()
    below = [f"invested.{name}" for name, amount in parts.items() if amount < 0]
    below += [f"funds.{n}.amount" for n, part in enumerate(ask.funds) if part.amount < 0]
    if below and not ask.reason.strip():
        for place in below:
            yield found(place, "negative_without_reason", "是负数。", "请在“更正或冲减原因”写明。")


def sums_stay_above_nothing(ask: ReportProgress, after: Progress) -> Iterator[Finding]:
    """What was invested in all is below zero in no month, what a source has given in none."""
    lowest = after.lowest()
    if lowest and lowest[1] < 0:
        month, amount = lowest
        yield found(
            "invested",
            "below_nothing",
            f"冲减过多：到 {month} 累计为 {_wan(amount)} 万元。",
            "累计完成投资不能小于 0，请核对冲减的数。",
        )
    for n, part in enumerate(ask.funds):
        if after.opening is None and after.received().get(part.source, 0) < 0:
            yield found(
                f"funds.{n}.amount",
                "below_nothing",
                "冲减过多，这一来源累计小于 0。",
                "请核对冲减的数。",
            )


def sources_are_named_once(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """One line for each source of money."""
    named = [part.source for part in ask.funds]
    for n, source in enumerate(named):
        if source in named[:n]:
            yield found(f"funds.{n}.source", "named_twice", "填了两次。", "请合并成一行。")


def milestones_are_those_of_the_list(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """A milestone is one of the list, once, and has a day exactly where it is reached."""
    known = {one.code for one in ask.rules.milestones}
    for n, one in enumerate(ask.milestones):
        place = f"milestones.{n}"
        if one.milestone not in known:
            yield found(f"{place}.milestone", "unknown_milestone", "不在清单里。", "请从清单中选。")
        if one.milestone in [other.milestone for other in ask.milestones[:n]]:
            yield found(f"{place}.milestone", "named_twice", "填了两次。", "请合并成一行。")
        day = one.reached_on
        if one.percent == 100 and day is None:
            yield found(f"{place}.reached_on", "day_missing", "没有填。", "完成的里程碑请填日期。")
        if one.percent < 100 and day is not None:
            yield found(f"{place}.reached_on", "not_reached", "填了，比例却不到 100%。", "请核对。")
        if day is not None and (day > ask.on or f"{day:%Y-%m}" > ask.month):
            yield found(f"{place}.reached_on", "day_ahead", f" {day} 在本月以后。", "请核对日期。")


def texts_fit(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """Free text has a limit, and no telephone and no identity number in it."""
    texts = {"text": ask.text, "reason": ask.reason}
    for n, problem in enumerate(ask.problems):
        texts |= {f"problems.{n}.text": problem.text, f"problems.{n}.asks": problem.asks or ""}
        if not problem.text.strip():
            yield found(f"problems.{n}.text", "required", "没有填。", "请写明问题，或删去这一行。")
    for place, text in texts.items():
        if len(text) > ask.rules.longest_text:
            yield found(place, "text_length", f"超过 {ask.rules.longest_text} 字。", "请压缩。")
        yield from unfit_at(place, text)
    if len(ask.problems) > ask.rules.most_problems:
        yield found("problems", "too_many", f"超过 {ask.rules.most_problems} 条。", "请合并。")


def unfit_at(place: str, text: str) -> Iterator[Finding]:
    """Find what no free text may hold."""
    for finding in unfit_text("remarks", text):
        message = finding.problem.message.removeprefix(finding.problem.label)
        yield found(place, finding.problem.rule, message, finding.problem.remedy)


def the_whole_is_not_passed(ask: ReportProgress, after: Progress) -> Iterator[Finding]:
    """More was invested than the project is to cost."""
    total, sum_ = ask.project.total_investment, after.invested_until(ask.month)
    if total is not None and sum_ > total:
        yield found(
            "invested",
            "more_than_total",
            f"：累计 {_wan(sum_)} 万元，超过总投资 {_wan(total)} 万元。",
            "请核对；总投资变了的，请另走更正。",
            hint=True,
        )


def a_month_is_not_too_large(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """A large share of the whole in one month is unusual."""
    total, month, rules = ask.project.total_investment, ask.invested.total, ask.rules
    share = rules.month_percent_of_total
    if total and month > rules.month_yuan and month * 100 > total * share:
        yield found(
            "invested",
            "large_month",
            f" {_wan(month)} 万元，超过总投资的 {share}%。",
            "请核对是否填成了累计数，或单位填错。",
            hint=True,
        )


def other_costs_are_the_lesser_part(ask: ReportProgress, _: Progress) -> Iterator[Finding]:
    """Mostly other costs is unusual, once a month amounts to something."""
    month, other, share = ask.invested.total, ask.invested.other, ask.rules.other_percent_of_month
    if month > 0 and other * 100 > month * share:
        yield found(
            "invested.other",
            "mostly_other",
            f"超过本月的 {share}%。",
            "请核对；土地、前期费用集中支付的可以确认。",
            hint=True,
        )


def works_have_begun(ask: ReportProgress, progress: Progress) -> Iterator[Finding]:
    """Works cost something only after they began, and go on costing something."""
    built = ask.invested.construction + ask.invested.installation
    began = progress.started_on
    if built > 0 and (began is None or f"{began:%Y-%m}" > ask.month):
        yield found(
            "invested.construction",
            "not_started",
            "和安装工程有数，但还没有登记开工。",
            "已经开工的，请登记开工日期；土地平整、临时工程可以确认。",
            hint=True,
        )
    done = progress.finished_on is not None and f"{progress.finished_on:%Y-%m}" < ask.month
    goes_on = began and f"{began:%Y-%m}" <= ask.month and not done and not progress.rests
    if goes_on and ask.invested.total == 0:
        remedy = "请核对；停工的请登记停工。"
        yield found("invested", "nothing_invested", "是 0，项目在建。", remedy, hint=True)


def milestones_do_not_fall_back(ask: ReportProgress, progress: Progress) -> Iterator[Finding]:
    """A milestone is as far as last month, or further."""
    before = progress.milestones_before(ask.month)
    for n, one in enumerate(ask.milestones):
        if one.percent < before.get(one.milestone, 0):
            yield found(
                f"milestones.{n}.percent",
                "fell_back",
                f"“{ask.rules.name_of(one.milestone)}”由 {before[one.milestone]}% 退为"
                f" {one.percent}%。",
                "请核对。",
                hint=True,
            )


def _wan(amount: int) -> str:
    return f"{amount / 10_000:,.2f}"


REPORT_RULES: tuple[Rule, ...] = (
    month_is_not_ahead,
    less_than_nothing_has_a_reason,
    sums_stay_above_nothing,
    sources_are_named_once,
    milestones_are_those_of_the_list,
    texts_fit,
    the_whole_is_not_passed,
    a_month_is_not_too_large,
    other_costs_are_the_lesser_part,
    works_have_begun,
    milestones_do_not_fall_back,
)
"""Each is asked of the months as they would be after the report."""
