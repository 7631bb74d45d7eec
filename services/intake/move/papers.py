"""What an attached paper (佐证材料) must be: of a known sort, and there."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.intake import Evidence
from services.intake.project.rules import LABELS, unfit_text
from shared.refusals import Problem


def unfit_papers(evidence: Sequence[Evidence], sorts: Mapping[str, str]) -> Iterator[Problem]:
    """Find papers of no sort that the rules know, without file and number, or with unfit words."""
    for number, paper in enumerate(evidence):
        field, label = f"evidence.{number}", LABELS["evidence"]
        if paper.sort not in sorts:
            yield Problem(
                f"{field}.sort",
                label,
                "unknown_evidence",
                f"没有“{paper.sort}”这种材料。",
                "请从列出的材料种类中选。",
            )
        elif paper.file is None and not (paper.document_number or "").strip():
            yield Problem(
                field,
                label,
                "empty_evidence",
                f"{sorts[paper.sort]}既没有文件，也没有文号。",
                "请上传文件，或者填写文号。",
            )
        texts = {"document_number": paper.document_number, "note": paper.note}
        for part, text in texts.items():
            for found in unfit_text(part, text or ""):
                yield Problem(
                    f"{field}.{part}",
                    found.problem.label,
                    found.problem.rule,
                    found.problem.message,
                    found.problem.remedy,
                )
