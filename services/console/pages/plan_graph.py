"""The order of a plan as a picture: stages from left to right, what waits for what as lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.approval_tracking import Track
from services.console.pages.plan_reading import Item, Plan
from shared.precedence import Task, place

WIDE, HIGH = 148, 44
_GAP_ACROSS, _GAP_DOWN = 34, 12
_TOP, _MARGIN = 34, 10
_TRACKS = {Track.MAIN: 0, Track.PARALLEL: 1, Track.OUTSIDE: 2}


@dataclass(frozen=True)
class Node:
    """One item in the picture, by its upper left corner."""

    item: Item
    x: int
    y: int
    critical: bool


@dataclass(frozen=True)
class Edge:
    """A line from what must be done to what waits for it; ``beside`` may run with it."""

    path: str
    beside: bool
    critical: bool


@dataclass(frozen=True)
class Band:
    """The ground of a stage."""

    name: str
    x: int
    width: int


@dataclass(frozen=True)
class Graph:
    """The picture with its size."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    bands: tuple[Band, ...]
    width: int
    height: int


def lay_out(plan: Plan, critical: Sequence[str]) -> Graph:
    """Place the items of a plan: a column for each step within a stage, a row where it is free."""
    columns = _columns(plan)
    rows = _rows(plan, columns)
    on_path = set(critical)
    nodes = {
        item.id: Node(
            item,
            _MARGIN + columns[item.id] * (WIDE + _GAP_ACROSS),
            _TOP + rows[item.id] * (HIGH + _GAP_DOWN),
            item.id in on_path,
        )
        for item in plan.items
    }
    steps = set(pairwise(critical))
    lowest = max((node.y for node in nodes.values()), default=_TOP)
    widest = max((node.x for node in nodes.values()), default=0)
    return Graph(
        nodes=tuple(nodes.values()),
        edges=tuple(_edges(plan, nodes, steps)),
        bands=tuple(_bands(plan, nodes)),
        width=widest + WIDE + _MARGIN,
        height=lowest + HIGH + _MARGIN,
    )


def _columns(plan: Plan) -> Mapping[str, int]:
    """Number the columns: those of a stage come after those of the stage before it."""
    columns: dict[str, int] = {}
    first = 0
    for stage in plan.stages:
        within = [item for item in plan.items if item.planned.stage is stage.stage]
        if not within:
            continue
        steps = place([Task(one.id, 1, one.planned.after) for one in within])
        for item in within:
            columns[item.id] = first + steps[item.id].begins
        first += max(one.ends for one in steps.values())
    for item in plan.items:
        # A plan of free items may have none of the four stages.
        columns.setdefault(item.id, first)
    return columns


def _rows(plan: Plan, columns: Mapping[str, int]) -> Mapping[str, int]:
    """Give each item a row: near those that it waits for, the main track above the others."""
    rows: dict[str, int] = {}
    for column in sorted(set(columns.values())):
        here = [item for item in plan.items if columns[item.id] == column]

        def near(item: Item) -> tuple[int, float]:
            before = [rows[one] for one in item.planned.after if one in rows]
            return (
                _TRACKS[item.planned.track],
                sum(before) / len(before) if before else 0.0,
            )

        for row, item in enumerate(sorted(here, key=near)):
            rows[item.id] = row
    return rows


def _edges(plan: Plan, nodes: Mapping[str, Node], steps: set[tuple[str, str]]) -> Iterator[Edge]:
    needs = {item.id: set(item.planned.after) & set(nodes) for item in plan.items}
    for item in plan.items:
        for one in sorted(needs[item.id]):
            # What another line already says is not drawn once more.
            if any(one in _before(other, needs) for other in needs[item.id] - {one}):
                continue
            path = _path(nodes[one], nodes[item.id])
            yield Edge(path, beside=False, critical=(one, item.id) in steps)
        for one in item.planned.beside:
            if one in nodes:
                path = _path(nodes[one], nodes[item.id])
                yield Edge(path, beside=True, critical=(one, item.id) in steps)


def _before(item: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [item]
    while ahead:
        new = needs.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def _path(first: Node, then: Node) -> str:
    y1, y2 = first.y + HIGH // 2, then.y + HIGH // 2
    if then.x <= first.x:
        # In one column: around the right side.
        x = first.x + WIDE
        return f"M{x} {y1}C{x + 22} {y1} {x + 22} {y2} {then.x + WIDE} {y2}"
    x1, x2 = first.x + WIDE, then.x
    bend = min(_GAP_ACROSS, (x2 - x1)) * 0.6
    return f"M{x1} {y1}C{x1 + bend:g} {y1} {x2 - bend:g} {y2} {x2} {y2}"


def _bands(plan: Plan, nodes: Mapping[str, Node]) -> Iterator[Band]:
    for stage in plan.stages:
        within = [node.x for node in nodes.values() if node.item.planned.stage is stage.stage]
        if within:
            left, right = min(within) - _GAP_ACROSS // 2, max(within) + WIDE + _GAP_ACROSS // 2
            yield Band(stage.name, max(0, left), right - max(0, left))
