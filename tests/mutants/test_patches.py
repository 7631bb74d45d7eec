"""The mutants fit the tree: each patch applies, and the tests that it names exist."""

import ast
import subprocess

import pytest

from tests.mutants import ROOT, Mutant, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_patch_applies(mutant: Mutant) -> None:
    checked = subprocess.run(
        ["git", "apply", "--check", str(mutant.patch)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_must_fail_exist(mutant: Mutant) -> None:
    assert mutant.must_fail
    for test in mutant.must_fail:
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in names, test


def test_every_mutant_says_why_the_guard_is_there() -> None:
    assert all(mutant.why.endswith(".") for mutant in MUTANTS)
