"""How long work takes that has an order: earliest days, what has slack, the longest way through.

Days are counted from 0, before the first: work of 5 days that begins at 0 ends at 5. Whether they
are working days is for the caller to know.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work. It begins when all ``after`` are over, and not before a given day.

    All ``beside`` may run with it and are over when it is: it begins so late that it need not wait.
    """

    key: str
    days: int
    after: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """When a task can begin and end at the earliest, and by how many days it could end later."""

    begins: int
    ends: int
    slack: int


class CircularOrder(ValueError):
    """Tasks wait for one another in a circle; ``keys`` are those that can never begin."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Name them."""
        super().__init__(" ".join(keys))
        self.keys = tuple(keys)


def place(tasks: Sequence[Task]) -> Mapping[str, Placed]:
    """Place every task at its earliest, in an order in which none comes before what it waits for.

    Names of tasks that are not among them are passed over.

    Raises:
        CircularOrder: tasks wait for one another.
    """
    ordered = _in_order({task.key: task for task in tasks})
    known = {task.key for task in ordered}
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    for task in ordered:
        begins[task.key] = max(
            [
                task.not_before,
                *(ends[one] for one in task.after if one in known),
                *(ends[one] - task.days for one in task.beside if one in known),
            ]
        )
        ends[task.key] = begins[task.key] + task.days
    last = max(ends.values(), default=0)
    latest = dict.fromkeys(ends, last)
    for task in reversed(ordered):
        for one in task.after:
            if one in known:
                latest[one] = min(latest[one], latest[task.key] - task.days)
        for one in task.beside:
            if one in known:
                latest[one] = min(latest[one], latest[task.key])
    return {
        task.key: Placed(begins[task.key], ends[task.key], latest[task.key] - ends[task.key])
        for task in ordered
    }


def longest_path(tasks: Sequence[Task], placed: Mapping[str, Placed]) -> tuple[str, ...]:
    """Give the tasks that decide when all is over, from the first to the last (关键路径).

    Among equals the one that was given first; ``placed`` is what ``place`` gave.
    """
    by_key = {task.key: task for task in tasks}
    if not by_key:
        return ()

    def backwards(key: str) -> Iterator[str]:
        task, here = by_key[key], placed[key]
        yield key
        waited_for = [
            *(one for one in task.after if one in by_key and placed[one].ends == here.begins),
            *(one for one in task.beside if one in by_key and placed[one].ends == here.ends),
        ]
        if waited_for:
            yield from backwards(waited_for[0])

    last = max(by_key, key=lambda key: placed[key].ends)
    return tuple(reversed(list(backwards(last))))


def _in_order(tasks: Mapping[str, Task]) -> list[Task]:
    waiting = {
        key: {one for one in (*task.after, *task.beside) if one in tasks}
        for key, task in tasks.items()
    }
    ordered: list[Task] = []
    while waiting:
        ready = [key for key, others in waiting.items() if not others]
        if not ready:
            raise CircularOrder(sorted(waiting))
        for key in ready:
            del waiting[key]
            ordered.append(tasks[key])
        for others in waiting.values():
            others.difference_update(ready)
    return ordered
