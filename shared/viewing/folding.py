"""Folds records into rows in memory: what a batch comes to, or a whole partition.

Live views and rebuilds share it, so that both drop the same repeats, hold the same facts that
ran ahead and set the same ones aside.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import structlog
from prometheus_client import Counter

from shared.viewing.hearing import Broken, Heard, Marked, Record, hear, is_nameless, said
from shared.viewing.view import Owner, View

log = structlog.get_logger()

applied_total = Counter("siku_view_applied_total", "Facts folded", ["view"])
repeated_total = Counter("siku_view_repeated_total", "Facts heard again and dropped", ["view"])
ignored_total = Counter("siku_view_ignored_total", "Facts of other kinds", ["view"])
waiting_total = Counter("siku_view_waiting_total", "Facts set aside", ["view", "reason"])

Reason = Literal["ahead", "failed", "queued"]
State = tuple[str, datetime, Any]
"""A key, the instant from which the row stood so, and the row (None: there was none)."""


class SetAside(NamedTuple):
    """A fact that cannot be applied yet, as it came, and why."""

    stream: str
    version: int
    reason: Reason
    error: str
    record: Record


class Folding:
    """The rows and stream versions of a view in memory, and what hearing changes in them.

    Begins with what is given: versions, rows and waiting facts of the streams that will be heard.
    """

    def __init__(
        self,
        view: View,
        versions: Mapping[str, int] | None = None,
        waiting: Iterable[SetAside] = (),
        discarded: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        """Begin; ``discarded`` are facts that an operator decided never to fold."""
        self.view = view
        self.versions = dict(versions or {})
        self.rows: dict[str, dict[str, Any]] = {owner.name: {} for owner in view.owners}
        self.touched: dict[str, set[str]] = {owner.name: set() for owner in view.owners}
        self.moved: set[str] = set()
        self.newly_aside: dict[tuple[str, int], SetAside] = {}
        self.taken_up: list[tuple[str, int]] = []
        self.markers: dict[tuple[str, int], UUID] = {}
        self._discarded = discarded
        self._waiting: dict[str, dict[int, SetAside]] = {}
        for one in waiting:
            self._waiting.setdefault(one.stream, {})[one.version] = one
        self._stood_since: dict[str, dict[str, datetime]] = {o.name: {} for o in view.owners}
        self._past: dict[str, list[State]] = {owner.name: [] for owner in view.owners}
        self._applied = self._ignored = self._repeated = 0

    def take(self, record: Record, what: Heard | Marked | Broken) -> None:
        """Take one record, then whatever of its stream has waited for it."""
        if isinstance(what, Marked):
            self.markers[record.topic, record.partition] = what.marker
            return
        stream, version = what.stream, what.version
        stands = self.versions.get(stream, 0)
        queue = self._waiting.get(stream)
        if queue is None and version == stands + 1:
            self._fold(record, what)
        else:
            self._take_with_care(record, what, stands, queue or {})
        if stream in self._waiting:
            self._take_up(stream)

    def take_up(self, stream: str) -> None:
        """Take whatever of a stream waits and is next, in order, up to one that fails."""
        if stream in self._waiting:
            self._take_up(stream)

    def take_alone(self, record: Record, what: Heard | Broken) -> None:
        """Take one record and nothing of what waits for it; its own place in the queue is freed."""
        queue = self._waiting.get(what.stream, {})
        next_one = what.version == self.versions.get(what.stream, 0) + 1
        if next_one and what.version in queue and queue[what.version].reason != "failed":
            self._release(what.stream, what.version)
        self._take_with_care(
            record, what, self.versions.get(what.stream, 0), self._waiting.get(what.stream, {})
        )

    def past_of(self, owner: Owner[Any], *, closing: bool) -> list[State]:
        """Hand over the states that rows have had; with ``closing`` the present ones too."""
        past, self._past[owner.name] = self._past[owner.name], []
        if closing:
            rows = self.rows[owner.name]
            since = self._stood_since[owner.name]
            past += [(key, instant, rows[key]) for key, instant in since.items()]
            since.clear()
        return past

    def count(self) -> None:
        """Add what was done to the metrics, once."""
        applied_total.labels(self.view.name).inc(self._applied)
        ignored_total.labels(self.view.name).inc(self._ignored)
        repeated_total.labels(self.view.name).inc(self._repeated)
        self._applied = self._ignored = self._repeated = 0

    def _take_with_care(
        self,
        record: Record,
        what: Heard | Broken,
        stands: int,
        queue: Mapping[int, SetAside],
    ) -> None:
        nameless = is_nameless(what.stream)
        if _came_otherwise(queue.get(what.version), record):
            # Told again, and not as it was: the copy that we kept had been damaged on its way.
            self._release(what.stream, what.version)
            queue = self._waiting.get(what.stream, {})
        if what.version in queue or (what.version <= stands and not nameless):
            self._repeated += 1
        elif not nameless and any(
            one.reason == "failed" and one.version < what.version for one in queue.values()
        ):
            self._set_aside(record, what, "queued", "")
        elif what.version > stands + 1 and not nameless:
            self._set_aside(record, what, "ahead", f"stands at {stands}")
        else:
            self._fold(record, what)

    def _take_up(self, stream: str) -> None:
        queue = self._waiting[stream]
        while (one := queue.get(self.versions.get(stream, 0) + 1)) is not None:
            if one.reason == "failed":
                return
            self._release(stream, one.version)
            again = hear(one.record, self.view.owner_of(one.record.topic))
            if isinstance(again, Marked) or not self._fold(one.record, again):
                return

    def _release(self, stream: str, version: int) -> None:
        """Let a waiting fact go on; what was set aside in this very batch was never stored."""
        queue = self._waiting[stream]
        del queue[version]
        if not queue:
            del self._waiting[stream]
        if self.newly_aside.pop((stream, version), None) is None:
            self.taken_up.append((stream, version))

    def _fold(self, record: Record, what: Heard | Broken) -> bool:
        if (what.stream, what.version) in self._discarded:
            self._ignored += 1
            if is_nameless(what.stream):
                return True
        elif isinstance(what, Broken):
            self._set_aside(record, what, "failed", what.error)
            return False
        elif what.told is None:
            self._ignored += 1
        else:
            owner = self.view.owner_of(record.topic)
            rows = self.rows[owner.name]
            try:
                # All of a fact or nothing: a row that fails leaves the others as they were.
                folded = [
                    (key, before := rows.get(key), owner.fold(before, told))
                    for key, told in owner.rows_of(what.told)
                ]
            # A fold that fails on one stream must not stop the others, whatever it raised.
            except Exception as error:  # noqa: BLE001
                self._set_aside(record, what, "failed", said(error))
                return False
            for key, before, after in folded:
                if self.view.history and not (before is None and after is None):
                    self._remember(owner, key, before, what.told.envelope.recorded)
                rows[key] = after
                self.touched[owner.name].add(key)
            self._applied += 1
        self.versions[what.stream] = what.version
        self.moved.add(what.stream)
        return True

    def _remember(self, owner: Owner[Any], key: str, before: Any, recorded: datetime) -> None:
        since = self._stood_since[owner.name]
        stood = since.get(key)
        # Facts of one append share an instant: only what they came to together was ever seen.
        if stood is not None and stood != recorded:
            self._past[owner.name].append((key, stood, before))
        since[key] = recorded

    def _set_aside(self, record: Record, what: Heard | Broken, reason: Reason, error: str) -> None:
        waiting_total.labels(self.view.name, reason).inc()
        log.warning(
            "fact_set_aside",
            view=self.view.name,
            stream=what.stream,
            version=what.version,
            reason=reason,
            error=error,
        )
        one = SetAside(what.stream, what.version, reason, error, record)
        self.newly_aside[one.stream, one.version] = one
        self._waiting.setdefault(one.stream, {})[one.version] = one


def _came_otherwise(kept: SetAside | None, record: Record) -> bool:
    return (
        kept is not None
        and kept.reason == "failed"
        and (kept.record.headers_text(), kept.record.value or b"")
        != (record.headers_text(), record.value or b"")
    )
