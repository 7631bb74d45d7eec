"""The example workbooks: one a body, the same in every run, read back as what they say."""

from pathlib import Path

import pytest

import examples
from contracts.intake import FundingSource
from contracts.reference import planning_bodies
from examples.plans import bodies
from examples.projects import ON
from services.intake.doors.forms import ProjectForm
from services.intake.workbook.limits import check_container
from services.intake.workbook.reading import WorkbookRead, read_workbook

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


def in_order(form: ProjectForm) -> ProjectForm:
    """The form with its sources in one order, whatever the order of the columns."""
    funding = sorted(form.funding, key=lambda part: SOURCES.index(part.source))
    return form.model_copy(update={"funding": funding})


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
        meant = [one.form for one in examples.projects() if one.owner == owner]
        back = [ProjectForm.model_validate(row.body) for row in workbook.rows]
        assert [in_order(form) for form in back] == meant, owner
        assert [row.problems for row in workbook.rows] == [()] * len(meant), owner


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
