"""What may stand in the words of a review: enough of them, and nobody's telephone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from contracts.intake import Remark
from services.intake.project.rules import LABELS, unfit_text
from shared.refusals import Problem, UnreadableInput


def demand(field: str, text: str, message: str) -> None:
    """Refuse an open column that this step needs."""
    if not text.strip():
        label = LABELS[field]
        raise UnreadableInput(
            message, errors=[Problem(field, label, "required", message, f"请填写{label}。")]
        )


def demand_fit(texts: Mapping[str, str], remarks: Sequence[Remark] = ()) -> None:
    """Refuse words that hold personal data."""
    found = [f.problem for field, text in texts.items() for f in unfit_text(field, text)]
    for number, remark in enumerate(remarks):
        found += [
            replace(f.problem, field=f"remarks.{number}.text")
            for f in unfit_text("remarks.text", remark.text)
        ]
    if found:
        raise UnreadableInput(f"有 {len(found)} 处填写有误，请按提示修改。", errors=found)


def demand_known(remarks: tuple[Remark, ...], columns: Collection[str]) -> tuple[Remark, ...]:
    """Give the remarks, each on a column that the application has."""
    unknown = sorted({remark.field for remark in remarks} - set(columns))
    if unknown:
        message = f"意见指向的栏目不存在：{'、'.join(unknown)}。"
        raise UnreadableInput(
            message,
            errors=[Problem("remarks", "分栏意见", "unknown_field", message, "请选表中的栏目。")],
        )
    return remarks
