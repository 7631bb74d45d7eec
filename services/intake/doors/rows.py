"""From the rows of a workbook to commands: look up what is there, check, say what would happen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

import asyncpg
from pydantic import ValidationError

from contracts.intake import ProjectFacts
from services.intake.adapters.contacts import find_contacts
from services.intake.doors.acting import ended, own_unit
from services.intake.doors.forms import ProjectForm
from services.intake.dossier import DOSSIER, Dossier, stream_of
from services.intake.policies import form_of
from services.intake.project import decider as project_room
from services.intake.project.commands import Ended
from services.intake.project.rules import LABELS, Contact, Form, claimed_name, findings
from services.intake.review.states import has_been_reported
from services.intake.views.units import UNITS
from services.intake.workbook.checking import Verdict
from services.intake.workbook.reading import WorkbookRead
from services.intake.workbook.row_reading import RowRead
from shared.deciding import new_id
from shared.journal import Claim, Journal
from shared.refusals import Problem
from shared.tokens import Actor
from shared.units import Unit, Units
from shared.wording import problems_of
from shared.workbook.marking import CellProblem

ROWS = UUID("2d0c5f0b-7a70-5a44-9a55-3f6f0a4f9c52")
"""The name space in which a row's key names the project that it begins."""

_ENTERS_FOR_OTHERS = "D-DRC"
_ENTERED_FOR = {"department", "group"}


@dataclass
class CheckedRow:
    """A row with everything that is known about it before anything is written."""

    read: RowRead
    columns: Mapping[str, str]
    owner: Unit | None = None
    ended: Ended | None = None
    typed: ProjectForm | None = None
    contact: Contact | None = None
    contact_id: UUID | None = None
    new_contact: bool = False
    facts: ProjectFacts | None = None
    form: Form | None = None
    project_id: UUID | None = None
    begun: bool = False
    unchanged: bool = False
    problems: list[CellProblem] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Say what would become of the row."""
        if any(not problem.hint for problem in self.problems):
            return Verdict.WRONG
        return Verdict.UNCHANGED if self.unchanged else Verdict.ACCEPTABLE

    @property
    def hints(self) -> tuple[str, ...]:
        """The rules whose hints it carries; taking the row in confirms them."""
        return tuple(sorted({problem.rule for problem in self.problems if problem.hint}))

    @property
    def total_investment(self) -> int:
        """Its investment in yuan, 0 where none could be read."""
        return (self.facts and self.facts.total_investment) or 0

    def complain(self, problem: Problem, *, hint: bool = False) -> None:
        """Put a problem at the cell that it concerns, or at the name where there is none."""
        key = _column_near(problem.field, self.columns)
        self.problems.append(
            CellProblem(
                key=key,
                letter=self.columns.get(key, ""),
                rule=problem.rule,
                message=problem.message,
                remedy=problem.remedy,
                hint=hint,
            )
        )

    def wrong(self, key: str, rule: str, message: str, remedy: str) -> None:
        """Complain of a column in our own words."""
        self.complain(Problem(key, LABELS.get(key, key), rule, message, remedy))


async def check_rows(
    pool: asyncpg.Pool, journal: Journal, workbook: WorkbookRead, actor: Actor, today: date
) -> list[CheckedRow]:
    """Check every row against the form's rules and against what is already there."""
    units = await UNITS.in_force(pool)
    rows = [_parsed(read, workbook, actor, units, today) for read in workbook.rows]
    dossiers = await _find_dossiers(journal, rows)
    contacts = await find_contacts(
        pool,
        [
            dossier.project.facts.contact_id
            for dossier in dossiers.values()
            if isinstance(dossier.project, project_room.Dossier)
        ],
    )
    first: dict[UUID, int] = {}
    for row in rows:
        if row.project_id is None or row.typed is None:
            continue
        _compare(row, dossiers.get(row.project_id), contacts, today)
        if row.project_id is None:
            continue
        twin = first.setdefault(row.project_id, row.read.number)
        if twin != row.read.number:
            row.wrong(
                "name",
                "row_twice",
                f"与第 {twin} 行是同一个项目。",
                "请合并成一行，或改用能区分的名称。",
            )
    return rows


def _parsed(
    read: RowRead, workbook: WorkbookRead, actor: Actor, units: Units, today: date
) -> CheckedRow:
    row = CheckedRow(read, workbook.columns, problems=list(read.problems))
    row.owner = _owner(row, actor, units, today)
    row.ended = ended(row.owner, units, today)
    try:
        row.typed = ProjectForm.model_validate(read.body)
    except ValidationError as error:
        told = {problem.key for problem in row.problems if not problem.hint}
        for problem in problems_of(error.errors(), LABELS):
            if problem.field not in told:
                row.complain(problem)
        return row
    if row.owner is not None:
        name = f"{row.owner.id}\n{claimed_name(row.typed.name)}"
        row.project_id = uuid5(ROWS, f"{name}\n{row.typed.location.region or ''}")
    return row


def _owner(row: CheckedRow, actor: Actor, units: Units, today: date) -> Unit | None:
    named = (row.read.owner or "").strip()
    if not named:
        return own_unit(actor, units, today)
    found = units.named(named, today)
    if found is None:
        row.wrong("owner", "owner_unknown", f"“{named}”不在单位名录中。", "请填单位全称或简称。")
        return None
    own = {actor.org, *units.heir_of(actor.org, today)}
    enters_for_it = actor.org == _ENTERS_FOR_OTHERS and found.kind in _ENTERED_FOR
    if found.id not in own and not enters_for_it:
        row.wrong(
            "owner",
            "owner_not_yours",
            f"你的账号不能替{found.short_name}申报。",
            "请删去这一行，由该单位或市发改委代录。",
        )
        return None
    return found


async def _find_dossiers(journal: Journal, rows: Sequence[CheckedRow]) -> dict[UUID, Dossier]:
    """Find the dossiers that the rows speak of: by project code, by name, by the row's own key."""
    wanted: dict[Claim, list[CheckedRow]] = {}
    for row in rows:
        if row.typed is None or row.owner is None:
            continue
        named = Claim(f"name:{row.owner.id}", claimed_name(row.typed.name))
        wanted.setdefault(named, []).append(row)
        if row.typed.project_code:
            coded = Claim("project_code", row.typed.project_code)
            wanted.setdefault(coded, []).append(row)
    held = await journal.holders(list(wanted))
    # A project code outweighs a name, so it is looked at last.
    for claim in sorted(held, key=lambda claim: claim.scope == "project_code"):
        for row in wanted[claim]:
            row.project_id = UUID(held[claim].removeprefix("project-"))
    ids = {row.project_id for row in rows if row.project_id is not None}
    histories = await journal.load_many([stream_of(project_id) for project_id in ids])
    return {
        project_id: DOSSIER.fold(history.payloads)
        for project_id in ids
        if (history := histories[stream_of(project_id)]).version
    }


def _compare(
    row: CheckedRow,
    dossier: Dossier | None,
    contacts: Mapping[UUID, Contact],
    today: date,
) -> None:
    """Complete a row with its contact and facts, and compare it with its dossier."""
    if row.typed is None or row.owner is None:
        return
    project = dossier.project if dossier is not None else None
    known = project.facts if isinstance(project, project_room.Dossier) else None
    row.contact = row.typed.contact_as_typed()
    known_contact = contacts.get(known.contact_id) if known and known.contact_id else None
    if known is not None and row.contact == known_contact:
        row.contact_id = known.contact_id
    elif row.contact is not None:
        row.contact_id, row.new_contact = new_id(), True
    row.facts = row.typed.facts(row.contact_id)
    row.form = form_of(today, row.contact)
    told = {problem.key for problem in row.problems if not problem.hint}
    if any(key.startswith("funding.") for key in told):
        told.add("funding")
    for finding in findings(row.facts, row.form, complete=True):
        # A cell that could not be read is open now; the real reason stands there already.
        if finding.problem.rule == "required" and finding.problem.field in told:
            continue
        row.complain(finding.problem, hint=finding.hint)
    if row.ended is not None and (dossier is None or not has_been_reported(dossier.review)):
        heirs = "、".join(row.ended.successors)
        row.wrong(
            "owner",
            "owner_ended",
            f"{row.ended.name}的最后一日是 {row.ended.last_day}，不能再以它的名义申报新项目。",
            f"请改填承接单位（{heirs}）。" if heirs else "请改填现在的申报单位。",
        )
    if dossier is None or not isinstance(project, project_room.Dossier):
        return
    row.begun = True
    if project.owner_org != row.owner.id:
        # That the code is taken must be said; which project has it is for those who see it.
        row.project_id = None
        row.wrong(
            "project_code",
            "claimed_elsewhere",
            "这个项目代码已用于另一个单位的项目。",
            "请核对代码；同一项目请勿重复申报。",
        )
    elif _same(row.facts, project.facts) and not dossier.in_own_hands:
        row.unchanged = True
    elif not dossier.in_own_hands:
        row.wrong(
            "name",
            "in_review",
            "已经报送，正在审核或已有结论，与原来填的不同。",
            "要改请先撤回，或等退回后再改；入库后请走更正。",
        )


def _same(one: ProjectFacts, other: ProjectFacts) -> bool:
    """Compare facts; the order of the sources of money is the order of somebody's columns."""
    return _ordered(one) == _ordered(other)


def _ordered(facts: ProjectFacts) -> ProjectFacts:
    funding = tuple(sorted(facts.funding, key=lambda part: part.source))
    return facts.model_copy(update={"funding": funding})


def _column_near(name: str, columns: Mapping[str, str]) -> str:
    """Give a field's own column, or the one that stands for it where the file has none."""
    if name in columns:
        return name
    if name.startswith("funding"):
        return "funding" if "funding" in columns else "total_investment"
    return name if "." not in name else name.rpartition(".")[0] + ".name"
