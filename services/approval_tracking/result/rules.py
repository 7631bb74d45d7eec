"""What a row of results must be like before it is looked at with a plan: one small rule each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from contracts.approval_tracking import ResultRow, ResultStep
from contracts.reference.codes import read_project_code
from shared.free_text import Flaw, flaws
from shared.refusals import Problem

LABELS: Mapping[str, str] = {
    "platform": "来源平台",
    "project_code": "项目代码",
    "project_name": "项目名称",
    "item": "事项",
    "step": "办理环节",
    "happened_on": "日期",
    "document_number": "文号",
    "valid_until": "有效期至",
    "reason": "原因或内容",
    "basis": "依据",
    "procedure": "特别程序",
    "expected_days": "预计天数",
}
STEPS: Mapping[str, ResultStep] = {
    "收件": ResultStep.RECEIVED,
    "受理": ResultStep.ACCEPTED,
    "补正告知": ResultStep.CORRECTIONS_ASKED,
    "补正提交": ResultStep.CORRECTED,
    "停表": ResultStep.PAUSED,
    "复表": ResultStep.RESUMED,
    "办结": ResultStep.GRANTED,
    "不予许可": ResultStep.REFUSED,
    "撤回申请": ResultStep.WITHDRAWN,
    "撤销": ResultStep.REVOKED,
}
"""What a clerk writes, in the order in which things happen."""
STEP_NAMES: Mapping[ResultStep, str] = {step: name for name, step in STEPS.items()}
LONGEST_NAME, LONGEST_TEXT = 100, 500
_NEEDED: Mapping[ResultStep, tuple[str, ...]] = {
    ResultStep.CORRECTIONS_ASKED: ("reason",),
    ResultStep.PAUSED: ("reason", "procedure", "expected_days"),
    ResultStep.REFUSED: ("reason", "basis"),
    ResultStep.WITHDRAWN: ("reason",),
    ResultStep.REVOKED: ("reason", "basis"),
}
_ASKED_FOR: Mapping[str, str] = {
    "reason": "请照来源平台写明。",
    "basis": "请写明法律依据，如“行政许可法第三十八条”。",
    "procedure": "请写明停表的特别程序，如“专家评审”。",
    "expected_days": "请写明预计停表多少天。",
}

RowRule = Callable[[ResultRow, date], Iterator[Problem]]


def code_is_well_formed(row: ResultRow, _: date) -> Iterator[Problem]:
    """A row is matched by the project code, so it has one that can be one."""
    if read_project_code(row.project_code) is None:
        yield problem(
            "project_code",
            "project_code_format",
            f"“{row.project_code}”不合规则。",
            "应为 2019-140525-34-03-002187 这样的 24 位代码，请核对。",
        )


def day_has_come(row: ResultRow, on: date) -> Iterator[Problem]:
    """A result is of a day that has come."""
    if row.happened_on > on:
        yield problem(
            "happened_on",
            "day_to_come",
            f"（{row.happened_on}）还没有到。",
            f"今天是 {on}，请填已发生的日期。",
        )


def validity_follows_the_grant(row: ResultRow, _: date) -> Iterator[Problem]:
    """A document does not end before it is given."""
    if row.valid_until is not None and row.valid_until < row.happened_on:
        yield problem(
            "valid_until",
            "order",
            f"（{row.valid_until}）早于办结日期（{row.happened_on}）。",
            "请核对。",
        )


def step_says_what_it_needs(row: ResultRow, _: date) -> Iterator[Problem]:
    """What keeps an applicant waiting or turns him away comes with its reason."""
    for field in _NEEDED.get(row.step, ()):
        if not getattr(row, field):
            yield problem(field, "required", "没有填写。", _ASKED_FOR[field])


def texts_are_fit(row: ResultRow, _: date) -> Iterator[Problem]:
    """Rows are shown to many: no telephone, no identity number, no mark of secrecy."""
    for field, longest in _TEXTS.items():
        yield from text_problems(field, getattr(row, field) or "", longest, needed=False)


_TEXTS: Mapping[str, int] = {
    "platform": LONGEST_NAME,
    "project_name": LONGEST_NAME,
    "item": LONGEST_NAME,
    "document_number": LONGEST_NAME,
    "reason": LONGEST_TEXT,
    "basis": LONGEST_TEXT,
    "procedure": LONGEST_NAME,
}
ROW_RULES: Sequence[RowRule] = (
    code_is_well_formed,
    day_has_come,
    validity_follows_the_grant,
    step_says_what_it_needs,
    texts_are_fit,
)


def row_problems(row: ResultRow, on: date) -> list[Problem]:
    """Apply every rule to a row, as of a day."""
    return [problem for rule in ROW_RULES for problem in rule(row, on)]


def text_problems(field: str, text: str, longest: int, *, needed: bool = True) -> Iterator[Problem]:
    """Find a text that is missing, too long or unfit to be shown to many."""
    if needed and not text.strip():
        yield problem(field, "required", "没有填写。", f"请写明{LABELS[field]}。")
    if len(text) > longest:
        yield problem(field, "text_length", f"超过 {longest} 个字。", "请压缩。")
    for flaw in flaws(text):
        yield problem(field, *_FLAWS[flaw])


_FLAWS: Mapping[Flaw, tuple[str, str, str]] = {
    "unprintable": ("unprintable", "里有无法显示的字符。", "多由复制带入，请删去后重新键入。"),
    "phone": ("personal_data", "里有电话号码。", "请删去，事项的办理情况多人可见。"),
    "identity": ("personal_data", "里有身份证号。", "请删去，本系统不收集身份证号。"),
    "secret": ("marked_secret", "里有密级标志。", "请删去，本系统不处理涉密信息。"),
}


def problem(field: str, rule: str, message: str, remedy: str) -> Problem:
    """Say what is wrong with a column, by its name."""
    return Problem(field, LABELS[field], rule, f"{LABELS[field]}{message}", remedy)
