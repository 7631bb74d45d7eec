"""Items and what comes before them; those that do not apply are bridged, so no order is lost."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from contracts.approval_tracking import LandMode, Management, PlannedItem
from services.approval_tracking.approval_plan.catalogue import Catalogue, Edge

Edges = Mapping[str, tuple[str, ...]]


class Order(NamedTuple):
    """Of each item those that come before: until it is accepted, and until it is granted."""

    after: Edges
    beside: Edges


def written(catalogue: Catalogue, management: Management, land_mode: LandMode) -> Order:
    """Give the order as the catalogue has it, of all its items."""

    def of(edges: Iterable[Edge]) -> tuple[str, ...]:
        # What holds up nothing but the start of building is inherited by nobody.
        return tuple(
            edge.item
            for edge in edges
            if management not in catalogue.items[edge.item].only_gate
            and edge.only in (None, land_mode)
        )

    rows = catalogue.items.values()
    return Order({row.id: of(row.after) for row in rows}, {row.id: of(row.beside) for row in rows})


def keeping(order: Order, accepted: Sequence[PlannedItem]) -> Order:
    """Give an order in which items that were accepted stay where they were among each other.

    Nothing that is not accepted yet comes before them any more, so no flip of the order (划拨 to
    出让) can close a circle.
    """
    names = {item.item for item in accepted}
    kept = {item.item: tuple(one for one in item.after if one in names) for item in accepted}
    beside = {item.item: item.beside for item in accepted}
    return Order({**order.after, **kept}, {**order.beside, **beside})


def bridged(order: Order, standing: Collection[str]) -> Order:
    """Give the order among the items that stand in a plan.

    Whoever comes after one that does not stand comes after all that it came after. What is
    inherited so is left out where another of its items comes after it anyway.
    """
    after: dict[str, tuple[str, ...]] = {}
    before: dict[str, frozenset[str]] = {}

    def inherited(item: str) -> list[str]:
        found: list[str] = []
        for one in order.after[item]:
            found += [one] if one in standing else inherited(one)
        return found

    def all_before(item: str) -> frozenset[str]:
        if item not in before:
            direct = [one for one in order.after[item] if one in standing]
            candidates = dict.fromkeys(direct + inherited(item))
            implied = frozenset[str]().union(*map(all_before, candidates))
            kept = [one for one in candidates if one in direct or one not in implied]
            after[item] = tuple(sorted(kept))
            before[item] = implied | frozenset(kept)
        return before[item]

    for item in standing:
        all_before(item)
    beside = {
        item: tuple(one for one in order.beside[item] if one in standing) for item in standing
    }
    return Order(after, beside)
