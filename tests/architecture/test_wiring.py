"""A forgotten wire fails here: every fact is folded or ignored by name, every module is wired."""

import importlib
from types import ModuleType
from typing import Any

import pytest

from contracts import writing
from contracts.examples import examples
from shared.service import Service
from shared.sweeping import Sweep
from shared.viewing import Owner, Told, View
from tests.architecture.tree import SERVICES, services, wiring_of


def described(service: str) -> Service:
    found: Service = importlib.import_module(f"services.{service}.main").SERVICE
    return found


VIEWS = [
    (view, owner) for name in services() for view in described(name).views for owner in view.owners
]


def ids(pair: object) -> str:
    return pair.name if isinstance(pair, View | Owner) else str(pair)


def told_on(topic: str) -> set[str]:
    return {
        kind
        for kind in writing.facts()
        if described(kind.partition(".")[0]).topic_of(kind) == topic
    }


@pytest.mark.parametrize(("view", "owner"), VIEWS, ids=ids)
def test_every_fact_on_a_topic_is_folded_or_ignored_by_name(view: View, owner: Owner[Any]) -> None:
    folded, ignored = set(owner.kinds), set(owner.ignored)
    assert folded | ignored == told_on(owner.topic)
    assert folded & ignored == set()
    assert all(reason.strip() for reason in owner.ignored.values())


@pytest.mark.parametrize(("view", "owner"), VIEWS, ids=ids)
def test_a_fold_answers_every_fact_that_it_says_it_folds(view: View, owner: Owner[Any]) -> None:
    assert {kind: fact.model_fields["kind"].default for kind, fact in owner.kinds.items()} == {
        kind: kind for kind in owner.kinds
    }
    row: Any = None
    for envelope, fact in examples():
        if fact.kind in owner.kinds:
            told = Told(envelope, fact, int(envelope.streamversion), "00", b"{}")
            for _, one in owner.rows_of(told):
                row = owner.fold(row, one)
                assert row is None or isinstance(row, owner.row)


@pytest.mark.parametrize("service", services())
@pytest.mark.parametrize(
    ("folder", "table"), [("views", "VIEWS"), ("reactions", "REACTIONS"), ("sweeps", "SWEEPS")]
)
def test_every_view_reaction_and_sweep_is_wired(service: str, folder: str, table: str) -> None:
    found = {
        path.stem
        for path in (SERVICES / service / folder).glob("*.py")
        if not path.name.startswith("_")
    }
    wiring = wiring_of(service)
    wired = {
        origin_of(one).rpartition(".")[2]
        for one in getattr(wiring, table, ())
        if wiring is not None
    }
    assert wired == found


def origin_of(wired: Any) -> str:
    """The module that a row of a wiring table comes from."""
    if isinstance(wired, View):
        return str(wired.owners[0].fold.__module__)
    if isinstance(wired, Sweep):
        return str(wired.find.__module__)
    return str(getattr(wired, "react", wired).__module__)


@pytest.mark.parametrize("service", services())
def test_the_process_runs_what_is_wired(service: str) -> None:
    wiring: ModuleType | None = wiring_of(service)
    office = described(service)
    assert tuple(office.views) == tuple(getattr(wiring, "VIEWS", ()))
    assert tuple(office.sweeps) == tuple(getattr(wiring, "SWEEPS", ()))
    assert dict(office.tells) == dict(getattr(wiring, "TELLS", {}))
    assert set(getattr(wiring, "DECISIONS", {})) == set(office.tells)


def test_every_told_fact_is_decided_by_its_own_service() -> None:
    for kind in writing.facts():
        service, room, *_ = kind.split(".")
        assert room in described(service).tells, kind


def test_the_operators_page_asks_every_service_that_keeps_views() -> None:
    console = wiring_of("console")
    assert console is not None
    assert set(console.KEEPERS) == {name for name in services() if described(name).views}


def test_a_view_has_a_name_of_its_own_and_its_file_bears_it() -> None:
    for service in services():
        names = [view.name for view in described(service).views]
        assert len(set(names)) == len(names)
    # A name that two services have is one view over the same facts.
    named = {view.name: view for view, _ in VIEWS}
    assert all(named[view.name].owners == view.owners for view, _ in VIEWS)
    for view, owner in VIEWS:
        assert owner.fold.__module__.rpartition(".")[2] == view.name
