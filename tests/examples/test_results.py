"""The samples of results: the same rows as a message and as a sheet, of the example city."""

import json
from pathlib import Path
from typing import Any

from examples.projects import ON
from examples.stock import stock
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.result.reading import read_row
from services.approval_tracking.result.sheet import CODE_TITLE, said_in
from shared.workbook.table import read_table

FOLDER = Path(__file__).parents[2] / "examples"
ROWS: list[dict[str, Any]] = json.loads((FOLDER / "results.json").read_text("utf-8"))["rows"]


def test_the_sheet_and_the_message_say_the_same() -> None:
    table = read_table((FOLDER / "results.xlsx").read_bytes(), CODE_TITLE)
    sheet = [{k: v for k, v in said_in(row.cells).items() if v} for row in table.rows]
    assert sheet == ROWS


def test_every_row_can_be_read_and_most_are_of_projects_of_the_city() -> None:
    rows = [read_row(row, ON) for row in ROWS]
    own = {row["project_code"] for row in stock() if row["pool"] == "PREP"}
    assert [row.project_code in own for row in rows] == [True, True, True, True, False]
    names = {one.name for one in catalogue_of(ON).items.values()}
    assert rows[2].item in names
    assert rows[3].item not in names
