"""SQL is constant text: values travel as parameters, and only our own names are put in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed

SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|create\s+(table|index)|"
    r"drop\s+table|where\s+\S+\s*[=<>]|filter\s+\(where|comment\s+on|order\s+by|alter\s+table|truncate)\b",
    re.IGNORECASE | re.DOTALL,
)
# Tables and columns of our own View objects, constants, numbers of parameters.
OURS = (
    r"(self\.)?view\.(table|streams|version|name)",
    r"_?[A-Z_]+(\[\w+\])?",
    r"len\([\w.]+\)",
    r"', '\.join\(.*\)",
)
# Names that hold text made of the above, and where: nothing that a user typed reaches them.
BUILT = {
    "shared/rebuilding/comparing.py": {"among", "keys[0]", "ours", "theirs", "using"},
    "shared/rebuilding/one_key.py": {"table"},
    "shared/viewing/tables.py": {
        *("_arrays(columns, 2)", "_arrays(columns, 4)", "_excluded(columns)", "_typed(columns)"),
        *("_typed(owner.columns)", "cleared", "columns", "empty", "joined", "names", "owner.name"),
        *("name.partition('.')[2]", "part", "table", "until", "was"),
    },
    "shared/verifying/rows.py": {"_filled(owner)", "arrays", "ours", "theirs"},
    "services/intake/adapters/uploads.py": {"seen"},
    "services/approval_tracking/views/planned_projects.py": {"seen", "which"},
    "services/console/pages/counting.py": {
        *("amount", "few", "len(parameters) + 1", "len(parameters) + 2"),
        *("rows_of", "where"),
    },
    "services/console/pages/item_figures.py": {
        *("_GROUPS['place']", "columns", "group", "joined", "where.sql"),
    },
    "services/console/pages/item_reading.py": {
        *("LISTS[show].only", "columns", "limits", "order", "predicate", "where.sql"),
    },
    "services/console/pages/plan_reading.py": {"columns", "self._items", "self._plans"},
    "services/console/pages/reported.py": {"seen", "tables.counted", "which"},
    "services/console/pages/sets.py": {
        *("began", "kept", "started", "tables.counted", "tables.promotions"),
        *("tables.signings", "tables.works"),
    },
    "services/console/pages/tag_reading.py": {
        *("seen", "self._projects", "self._tagged", "self._works"),
    },
    "services/console/pages/progress_reading.py": {
        *("condition", "counts", "limit", "lines", "seen", "show"),
        *("self._months", "self._projects"),
    },
    "services/console/pages/signing_reading.py": {
        *("columns", "limits", "predicate", "self._links", "self._projects", "self._promotions"),
        *("self._rows", "self._signings", "self._works", "shown", "where.sql"),
    },
    "services/console/pages/reading.py": {
        *("_PERMITS['ready']", "_PERMITS['unready']"),
        "asked",
        "most",
        "this_month",
        "columns",
        "self._nothing_new",
        "self._policies",
        "self._rows",
        "where.sql",
        "rest",
        "limit",
    },
}
SEARCHED = [
    path for folder in ("shared", "services") for path in sorted((ROOT / folder).rglob("*.py"))
]


def put_in(tree: ast.AST) -> Iterator[str]:
    """Give every expression that is put into text that looks like SQL."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                text = "".join(
                    str(p.value) if isinstance(p, ast.Constant) else " x " for p in parts
                )
                if SQL.search(text):
                    for part in parts:
                        if isinstance(part, ast.FormattedValue):
                            yield ast.unparse(part.value)
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=value):
                if SQL.search(text):
                    yield ast.unparse(value)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                if SQL.search(text):
                    yield ast.unparse(node)


def foreign(path: str, tree: ast.AST) -> list[str]:
    """Name what is put into SQL and is neither ours nor known to be built of ours."""
    return [
        expression
        for expression in put_in(tree)
        if expression not in BUILT.get(path, ())
        and not any(re.fullmatch(known, expression) for known in OURS)
    ]


@pytest.mark.parametrize("path", SEARCHED, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_value_is_put_into_sql(path: Path) -> None:
    assert foreign(str(path.relative_to(ROOT)), parsed(path)) == []


def test_names_that_are_let_through_are_still_needed() -> None:
    for path, names in BUILT.items():
        assert names - set(put_in(parsed(ROOT / path))) == set(), path


@pytest.mark.parametrize(
    "code",
    [
        "f'select name from t where id = {project_id}'",
        "f'delete from t where name = {body.name!r}'",
        "'select name from t where id = %s' % project_id",
        "'select name from t where id = {}'.format(project_id)",
        "f'select a from t order by {sort}'",
    ],
)
def test_a_value_in_sql_is_found(code: str) -> None:
    assert foreign("services/x.py", ast.parse(code)) != []


def test_our_own_names_may_stand_in_sql() -> None:
    code = "f'select {_COLUMNS} from {view.table} where key = $1 limit ${len(parameters)}'"
    assert foreign("services/x.py", ast.parse(code)) == []
