"""The example workbooks: one a body, the same in every run, read back as what they say."""

from pathlib import Path

import pytest

import examples
from contracts.intake import FundingSource, ProjectFacts
from contracts.reference.organisations import planning_bodies
from examples import columns
from examples.columns import CATEGORIES, LEAD_SIDES, TRACKS
from examples.plans import bodies
from examples.projects import ON
from services.intake.doors.forms import ProjectForm
from services.intake.workbook.columns import (
    BY_KEY,
    COLUMNS,
    HIDDEN_SHEET,
    TEMPLATE_SHEET,
    TEMPLATE_VERSION,
)
from services.intake.workbook.reading import WorkbookRead, read_workbook
from shared.workbook.limits import check_container

SOURCES = list(FundingSource)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbooks by body."""
    paths = examples.generate(tmp_path_factory.mktemp("examples"))
    return {unit.id: path for unit, path in zip(planning_bodies(ON), paths, strict=True)}


@pytest.fixture(scope="module")
def read(files: dict[str, Path]) -> dict[str, WorkbookRead]:
    """The workbooks as the reader takes them."""
    return {owner: read_workbook(path.read_bytes(), path.name) for owner, path in files.items()}


def in_order(facts: ProjectFacts) -> ProjectFacts:
    """The facts with their sources in one order, whatever the order of the columns."""
    funding = tuple(sorted(facts.funding, key=lambda part: SOURCES.index(part.source)))
    return facts.model_copy(update={"funding": funding})


def test_every_body_has_a_file(files: dict[str, Path]) -> None:
    assert len(files) == 31
    assert all(owner in path.name for owner, path in files.items())
    for path in files.values():
        check_container(path.read_bytes())


def test_two_runs_write_the_same_bytes(files: dict[str, Path], tmp_path: Path) -> None:
    again = examples.generate(tmp_path / "again")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files.values()]


def test_every_row_is_read_as_it_was_meant(read: dict[str, WorkbookRead]) -> None:
    for owner, workbook in read.items():
        meant = [one for one in examples.projects() if one.owner == owner]
        back = [ProjectForm.model_validate(row.body) for row in workbook.rows]
        assert [in_order(form.facts(None)) for form in back] == [
            in_order(one.facts) for one in meant
        ], owner
        officers = [(one.contact.name, one.contact.phone) for one in meant]
        assert [
            (form.contact.name, form.contact.phone) for form in back if form.contact
        ] == officers, owner
        assert [row.problems for row in workbook.rows] == [()] * len(meant), owner


def test_a_clerk_knows_the_form_that_intake_prints() -> None:
    assert {column.key: column.title for column in COLUMNS} == columns.TITLES
    assert (TEMPLATE_SHEET, HIDDEN_SHEET, TEMPLATE_VERSION) == (
        columns.SHEET,
        columns.HIDDEN_SHEET,
        columns.TEMPLATE_VERSION,
    )
    words: dict[str, dict[str, str]] = {
        "category": {str(code): label for code, label in CATEGORIES.items()},
        "track": {str(code): label for code, label in TRACKS.items()},
        "lead_side": {str(code): label for code, label in LEAD_SIDES.items()},
    }
    for key, labels in words.items():
        offered = {code: label for label, code in BY_KEY[key].choices.items()}
        assert offered == labels, key


def test_the_files_add_up(read: dict[str, WorkbookRead]) -> None:
    forms = [
        ProjectForm.model_validate(row.body).facts(None)
        for workbook in read.values()
        for row in workbook.rows
    ]
    assert len(forms) == 396
    assert sum(facts.total_investment or 0 for facts in forms) == 139_700_000_000


def test_some_clerks_keep_the_sheet_in_their_own_fashion(read: dict[str, WorkbookRead]) -> None:
    layouts = {body.id: body.layout for body in bodies()}
    assert len(set(layouts.values())) == 5
    for owner, workbook in read.items():
        usual = layouts[owner] == "template"
        assert (workbook.template_version is not None) == usual
        assert (workbook.unit == "亿元") == (layouts[owner] == "hundred_millions")
