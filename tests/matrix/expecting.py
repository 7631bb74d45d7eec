"""What the table says: which route is for whom, what of whose projects a role sees."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.matrix.asking import Route
from tests.matrix.town import ROLES, Project, Upload

NOBODY = "nobody"


@dataclass(frozen=True)
class Kind:
    """A kind of routes: for whom, about what, and what others are told."""

    roles: Sequence[str] = ROLES
    denied: int = 403
    of: str = ""
    own_only: bool = False
    mine: str = ""
    whole: str = ""
    ids: Sequence[str] = ()
    before: bool = False
    nobody: int | str = ""


@dataclass(frozen=True)
class Table:
    """The whole table."""

    sees: Mapping[str, Mapping[str, Sequence[str]]]
    fields: Mapping[str, Mapping[str, Sequence[str]]]
    whole: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
    mine: Mapping[str, Mapping[str, Sequence[str]]]
    kinds: Mapping[str, Kind]
    routes: Mapping[str, tuple[str, int]]

    def seen(self, role: str, what: Project | Upload) -> bool:
        """Tell whether a role sees this."""
        if isinstance(what, Upload):
            return what.relation == "own" and role in self.kinds["reporters"].roles
        return what.relation in self.sees.get(role, {}).get(what.state, ())

    def status(self, route: Route, role: str, what: Project | Upload | None) -> int:
        """Give the status with which a role is answered."""
        name, answer = self.routes[str(route)]
        kind = self.kinds[name]
        if role == NOBODY:
            if isinstance(kind.nobody, int):
                return kind.nobody
            return answer if kind.nobody else 303 if route.is_page else 401
        seen = what is None or self.seen(role, what)
        if route.service == "intake" and role == "approver":
            # Who sees a project by what is to be approved of it sees nothing of what it was
            # reported with: intake hears of no items.
            seen = what is None
        if kind.of == "plan":
            # Before it has entered a pool nothing is approved of a project.
            seen = seen and isinstance(what, Project) and what.state == "pooled"
        if role not in kind.roles:
            return 404 if kind.before and not seen else kind.denied
        if not seen or (kind.own_only and what is not None and what.relation != "own"):
            return 404
        if kind.mine and what is not None and what.relation not in self._mine(kind, role):
            return kind.denied
        if kind.whole and isinstance(what, Project) and not self._is_whole(kind.whole, role, what):
            return kind.denied
        return answer

    def _mine(self, kind: Kind, role: str) -> Sequence[str]:
        return self.mine[kind.mine].get(role, ())

    def _is_whole(self, field: str, role: str, what: Project) -> bool:
        return what.relation in self.whole[field].get(role, {}).get(what.state, ())

    def names_ids(self, route: Route, role: str) -> bool:
        """Tell whether this very route names projects to this role, by their ids alone."""
        return role in self.kinds[self.routes[str(route)][0]].ids

    def asked_for(self, route: Route, role: str, what: Project | Upload | None) -> frozenset[str]:
        """Give the words that this very route shows whole to this role."""
        field = self.kinds[self.routes[str(route)][0]].whole
        if not field or not isinstance(what, Project) or not self._is_whole(field, role, what):
            return frozenset()
        return frozenset(what.fields[field])

    def hidden(self, role: str, what: Project | Upload) -> frozenset[str]:
        """Give the words that may stand in no body for this role."""
        if not self.seen(role, what):
            return what.traces
        if isinstance(what, Upload):
            return frozenset()
        return frozenset(
            word
            for field, words in what.fields.items()
            if what.relation not in self.fields[field].get(role, ())
            for word in words
        )


@cache
def table() -> Table:
    """Read the table."""
    text = (Path(__file__).parent / "expected.toml").read_text("utf-8")
    read: dict[str, Any] = tomllib.loads(text)
    return Table(
        sees=read["sees"],
        fields=read["fields"],
        whole=read["whole"],
        mine=read["mine"],
        kinds={name: Kind(**kind) for name, kind in read["kinds"].items()},
        routes={name: (kind, answer) for name, (kind, answer) in read["routes"].items()},
    )
