"""Evidence in a body: which papers a statement rests on, by file, by number, or by both."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from contracts.intake import Evidence
from services.intake.adapters.evidence import noted
from services.intake.doors.forms import Body, OpenLine
from services.intake.policies import policy_of
from services.intake.project.rules import unfit_text
from shared.commanding import Asking
from shared.refusals import Problem, UnreadableInput
from shared.service import Runtime


class EvidenceForm(Body):
    """One paper: what sort it is, the file that was uploaded, its number and day."""

    sort: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    document_number: OpenLine = None
    dated_on: date | None = None
    note: OpenLine = None


Papers = Annotated[tuple[EvidenceForm, ...], Field(max_length=40)]


async def evidence_of(
    runtime: Runtime, ask: Asking, papers: Sequence[EvidenceForm], owner: str
) -> tuple[Evidence, ...]:
    """Give the evidence of a statement about what ``owner`` names, its files described.

    Raises:
        UnreadableInput: a file was not uploaded by the unit, a paper has neither file nor number,
            there are too many, or a text holds what no text may hold.
    """
    _refuse_unfit(papers, policy_of("evidence", runtime.clock.today()).values["most_files"])
    hashes = [paper.sha256 for paper in papers if paper.sha256]
    files = await noted(runtime.files, hashes, ask.actor.org, owner, ask.cause.now)
    by_hash = {file.sha256: file for file in files}
    return tuple(
        Evidence(
            sort=paper.sort,
            file=by_hash[paper.sha256] if paper.sha256 else None,
            document_number=paper.document_number,
            dated_on=paper.dated_on,
            note=paper.note,
        )
        for paper in papers
    )


def _refuse_unfit(papers: Sequence[EvidenceForm], most: int) -> None:
    found = []
    for n, paper in enumerate(papers):
        texts = {"document_number": paper.document_number, "note": paper.note}
        for field, text in texts.items():
            for finding in unfit_text("evidence", text or ""):
                one = finding.problem
                place = f"evidence.{n}.{field}"
                found.append(Problem(place, one.label, one.rule, one.message, one.remedy))
        if not (paper.sha256 or paper.document_number):
            found.append(_wrong(f"evidence.{n}", "empty_paper", "没有附件也没有文号。"))
    if len(papers) > most:
        found.append(_wrong("evidence", "too_many_files", f"超过 {most} 份。"))
    if found:
        raise UnreadableInput(f"有 {len(found)} 处填写有误，请按提示修改。", errors=found)


def _wrong(field: str, rule: str, message: str) -> Problem:
    remedy = "请合并成一个文件再传。" if rule == "too_many_files" else "请上传附件，或填写文号。"
    return Problem(field, "佐证附件", rule, f"佐证附件{message}", remedy)
