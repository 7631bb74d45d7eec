"""The monthly report as it is typed: fields of a page turned into intake's body, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.adapters.intake import FieldProblem
from services.console.pages import words
from services.console.pages.evidence import Attached, Paper, Sorted

USES: Mapping[str, str] = {
    "construction": "建筑工程",
    "installation": "安装工程",
    "equipment": "设备工器具购置",
    "other": "其他费用",
}
PROBLEM_ROWS = 3
EVIDENCE = "report"
"""The one sort under which a month's papers are given."""


@dataclass(frozen=True)
class Typed:
    """What stands in the fields of a month."""

    values: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[str, ...] = ()
    attached: Attached = field(default_factory=Attached)

    def __getitem__(self, key: str) -> str:
        """Give a field; what was not filled in is empty."""
        return self.values.get(key, "")

    @property
    def problem_rows(self) -> int:
        """How many rows there are for problems."""
        used = [int(key.split(".")[1]) for key in self.values if key.startswith("problem.")]
        return max(PROBLEM_ROWS, *(number + 1 for number in used)) if used else PROBLEM_ROWS


def read_typed(form: FormData, attached: Attached) -> Typed:
    """Read the fields of a form."""
    values = {
        name: value.strip()
        for name, value in form.multi_items()
        if isinstance(value, str) and ":" not in name and name not in {"accept", "key", "version"}
    }
    return Typed(values, tuple(str(one) for one in form.getlist("accept")), attached)


def body_of(typed: Typed, codes: Sequence[str]) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Give the body for intake, and for each place in it the field that it came from."""
    places = {f"invested.{use}": f"invested.{use}" for use in USES}
    funds: list[JsonValue] = []
    for source in words.FUNDING_SOURCES:
        if amount := typed[f"funds.{source}"]:
            places[f"funds.{len(funds)}"] = f"funds.{source}"
            funds.append({"source": str(source), "amount": amount})
    milestones: list[JsonValue] = []
    for code in codes:
        percent, day = typed[f"milestone.{code}.percent"], typed[f"milestone.{code}.reached_on"]
        if percent or day:
            place = f"milestones.{len(milestones)}"
            places |= {place: f"milestone.{code}.percent"}
            places |= {f"{place}.reached_on": f"milestone.{code}.reached_on"}
            milestones.append(
                {"milestone": code, "percent": percent or "0", "reached_on": day or None}
            )
    problems: list[JsonValue] = []
    for n in range(typed.problem_rows):
        text, asks = typed[f"problem.{n}.text"], typed[f"problem.{n}.asks"]
        if text or asks:
            places[f"problems.{len(problems)}.text"] = f"problem.{n}.text"
            places[f"problems.{len(problems)}.asks"] = f"problem.{n}.asks"
            problems.append({"text": text, "asks": asks or None})
    return {
        "invested": {use: typed[f"invested.{use}"] for use in USES},
        "funds": funds,
        "milestones": milestones,
        "problems": problems,
        "text": typed["text"],
        "reason": typed["reason"],
        "evidence": typed.attached.body,
        "accepted_hints": list(typed.accepted),
    }, places


def by_field(
    found: Sequence[FieldProblem], places: Mapping[str, str]
) -> dict[str, tuple[FieldProblem, ...]]:
    """Put what intake says to the fields that it is about."""
    sorted_: dict[str, list[FieldProblem]] = {}
    for one in found:
        place = one.field
        while place and place not in places:
            place = place.rpartition(".")[0]
        whole = one.field if one.field in {"text", "reason", "invested", "month"} else ""
        if one.field.startswith("evidence"):
            whole = "evidence"
        sorted_.setdefault(places.get(place) or whole, []).append(one)
    return {key: tuple(of) for key, of in sorted_.items()}


def typed_of(document: Mapping[str, JsonValue], *, copied: bool) -> Typed:
    """Give the fields of a month as intake has it; ``copied`` takes on what of the last goes on.

    Of the last month milestones, problems and words go on; its figures were its own.
    """
    report = document.get("report")
    values: dict[str, str] = {}
    reached = document.get("reached_before")
    for code, percent in reached.items() if isinstance(reached, Mapping) else ():
        values[f"milestone.{code}.percent"] = str(percent)
    if isinstance(report, Mapping):
        values |= _of_report(report, figures=True)
        return Typed(values, attached=_papers(report))
    last = document.get("last")
    if copied and isinstance(last, Mapping):
        values |= _of_report(last, figures=False)
    return Typed(values)


def _of_report(report: Mapping[str, JsonValue], *, figures: bool) -> dict[str, str]:
    values: dict[str, str] = {"text": str(report.get("text") or "")}
    invested = report.get("invested")
    if figures and isinstance(invested, Mapping):
        values |= {f"invested.{use}": _plain(amount) for use, amount in invested.items()}
    for one in _rows(report, "funds") if figures else ():
        values[f"funds.{one['source']}"] = _plain(one["amount"])
    for one in _rows(report, "milestones"):
        values[f"milestone.{one['milestone']}.percent"] = str(one["percent"])
        values[f"milestone.{one['milestone']}.reached_on"] = str(one["reached_on"] or "")
    for n, one in enumerate(_rows(report, "problems")):
        values[f"problem.{n}.text"] = str(one["text"])
        values[f"problem.{n}.asks"] = str(one["asks"] or "")
    return values


def _papers(report: Mapping[str, JsonValue]) -> Attached:
    papers, number, dated = [], "", ""
    for one in _rows(report, "evidence"):
        file = one.get("file")
        if isinstance(file, Mapping):
            size = file["size"]
            papers.append(
                Paper(str(file["sha256"]), size if isinstance(size, int) else 0, str(file["name"]))
            )
        number = number or str(one.get("document_number") or "")
        dated = dated or str(one.get("dated_on") or "")
    return Attached((Sorted(EVIDENCE, tuple(papers), number, dated),))


def _rows(report: Mapping[str, JsonValue], name: str) -> list[Mapping[str, JsonValue]]:
    rows = report.get(name)
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []


def _plain(amount: JsonValue) -> str:
    text = str(amount)
    return "" if text == "0.00" else text.rstrip("0").rstrip(".") if "." in text else text
