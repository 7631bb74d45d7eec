"""The lives of projects in facts, as short as a story needs them, and a console that heard them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from contracts.envelope import Envelope, Fact, instant
from contracts.intake import (
    ConstructionRectified,
    ConstructionStarted,
    Location,
    Pool,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    Source,
)
from services.console.views import construction, counted, project_history
from shared.relay import headers_of
from shared.viewing import Record, Told, View
from tests.console.builders import OWNERS, REGIONS
from tests.shared.reading import opened

YI = 100_000_000


@dataclass(frozen=True)
class Life:
    """One project from the day on which it entered a pool; every act names its business day."""

    name: str
    org: str = "JC-ZZ"
    amount: int = 2 * YI
    zone: str | None = None
    pool: Pool = Pool.PLAN
    told: tuple[Told, ...] = ()
    progress: tuple[Told, ...] = ()
    at: datetime = field(default=datetime(2018, 1, 1, tzinfo=UTC))

    @property
    def id(self) -> UUID:
        """The project's id, the same in every run."""
        return uuid5(NAMESPACE_URL, self.name)

    @property
    def facts(self) -> ProjectFacts:
        """The form."""
        return ProjectFacts(
            name=self.name,
            location=Location(region=REGIONS.get(self.org, "140502"), zone_id=self.zone),
            total_investment=self.amount,
        )

    def entered(
        self,
        on: date,
        pool: Pool = Pool.PLAN,
        source: Source = Source.PLANNED,
        *,
        approved_on: date | None = None,
        pool_since: date | None = None,
        parent: UUID | None = None,
    ) -> "Life":
        """The province approved; what entered long ago is told on the day of its approval."""
        entered = ProjectPooled(
            project_id=self.id,
            owner_org=self.org,
            owner_name=OWNERS[self.org],
            revision=1,
            facts=self.facts,
            pool=pool,
            transition="T01",
            report_month=f"{on:%Y-%m}",
            approved_on=approved_on or on,
            source=source,
            entered_on=on if approved_on else None,
            pool_since=pool_since,
            parent_id=parent,
        )
        return replace(self._tell(entered, approved_on or on), pool=pool)

    def moved(self, to: Pool, on: date) -> "Life":
        """It went to another pool."""
        moved = ProjectMoved(
            project_id=self.id,
            transition="T",
            from_pool=self.pool,
            to_pool=to,
            total_investment=self.amount,
            reason="",
            moved_on=on,
        )
        return replace(self._tell(moved, on), pool=to)

    def corrected(self, amount: int, on: date) -> "Life":
        """Its amount was corrected."""
        now = replace(self, amount=amount)
        corrected = ProjectCorrected(
            project_id=self.id,
            application_id=self.id,
            revision=2,
            facts=now.facts,
            changed=("total_investment",),
            reason="更正",
            corrected_on=on,
        )
        return now._tell(corrected, on)

    def held(self, on: date) -> "Life":
        """It waits."""
        return self._tell(
            ProjectHeld(
                project_id=self.id,
                pool=self.pool,
                reason="资金",
                resume_when="到位",
                hold_until=on + timedelta(days=90),
                held_on=on,
            ),
            on,
        )

    def resumed(self, on: date) -> "Life":
        """It goes on."""
        return self._tell(
            ProjectResumed(project_id=self.id, pool=self.pool, reason="到位", resumed_on=on), on
        )

    def ended(self, on: date) -> "Life":
        """It will not be carried out."""
        return self._tell(
            ProjectEnded(project_id=self.id, pool=self.pool, reason="不再实施", ended_on=on), on
        )

    def taken_out(self, on: date) -> "Life":
        """It is not this city's."""
        out = ProjectTakenOut(
            project_id=self.id,
            pool=self.pool,
            total_investment=self.amount,
            reason="误报",
            taken_out_on=on,
        )
        return self._tell(out, on)

    def merged_into(self, other: "Life", on: date, *, duplicate: bool) -> tuple["Life", "Life"]:
        """It went into another; gives the one that stays and this one."""
        added = 0 if duplicate else self.amount
        stays = replace(other, amount=other.amount + added)
        absorbed = ProjectAbsorbed(
            project_id=other.id,
            absorbed_id=self.id,
            absorbed_name=self.name,
            duplicate=duplicate,
            added_investment=added,
            revision=2,
            facts=stays.facts,
            pool=other.pool,
            absorbed_on=on,
        )
        merged = ProjectMerged(
            project_id=self.id,
            merged_into=other.id,
            merged_into_name=other.name,
            duplicate=duplicate,
            pool=self.pool,
            total_investment=self.amount,
            merged_on=on,
        )
        return stays._tell(absorbed, on), self._tell(merged, on)

    def split(
        self,
        on: date,
        entered_on: date,
        *amounts: int,
        source: Source = Source.PLANNED,
        pool_since: date | None = None,
    ) -> tuple["Life", ...]:
        """It became several; gives itself and the parts."""
        parts = tuple(
            replace(self, name=f"{self.name}之{n}", amount=amount, told=(), progress=(), at=self.at)
            for n, amount in enumerate(amounts, start=1)
        )
        gone = ProjectSplit(
            project_id=self.id,
            parts=tuple(part.id for part in parts),
            pool=self.pool,
            total_investment=self.amount,
            split_on=on,
        )
        return (
            self._tell(gone, on),
            *(
                part.entered(
                    entered_on,
                    self.pool,
                    source,
                    approved_on=on,
                    pool_since=pool_since,
                    parent=self.id,
                )
                for part in parts
            ),
        )

    def tagged(self, tag: str, on: date) -> "Life":
        """It carries a mark."""
        return self._tell(ProjectTagged(project_id=self.id, tag=tag, from_on=on), on)

    def untagged(self, tag: str, on: date) -> "Life":
        """It carries a mark no more."""
        gone = ProjectUntagged(project_id=self.id, tag=tag, until_on=on, reason="误标")
        return self._tell(gone, on)

    def started(self, on: date, told_on: date | None = None) -> "Life":
        """Ground was broken."""
        started = ConstructionStarted(project_id=self.id, owner_org=self.org, started_on=on)
        return self._tell(started, told_on or on, progress=True)

    def start_rectified(self, was: date, on: date | None, told_on: date) -> "Life":
        """The day was recorded wrongly."""
        rectified = ConstructionRectified(
            project_id=self.id,
            owner_org=self.org,
            what="STARTED",
            was_on=was,
            is_on=on,
            reason="误填",
            rectified_on=told_on,
        )
        return self._tell(rectified, told_on, progress=True)

    def _tell(self, fact: Fact, on: date, *, progress: bool = False) -> "Life":
        stream = f"{'progress' if progress else 'project'}-{self.id}"
        before = self.progress if progress else self.told
        # Noon of the day in Asia/Shanghai; of one day each a minute later than the one before.
        noon = datetime.combine(on, time(4), UTC)
        at = max(noon, self.at + timedelta(minutes=1))
        told = told_of(fact, stream, str(self.id), len(before) + 1, at, self.org)
        if progress:
            return replace(self, progress=(*before, told), at=at)
        return replace(self, told=(*before, told), at=at)


def told_of(fact: Fact, stream: str, key: str, version: int, at: datetime, org: str) -> Told:
    """Surround a fact as intake would."""
    event_id = str(uuid5(NAMESPACE_URL, f"{stream} {version}"))
    envelope = Envelope(
        id=event_id,
        type=fact.kind,
        source="/siku/intake",
        subject=stream,
        time=instant(at),
        partitionkey=key,
        streamversion=str(version),
        occurred=at.date().isoformat(),
        actoraccount="account",
        actorrole="prov_reviewer",
        actororg=org,
        correlationid=event_id,
        causationid=event_id,
    )
    payload = fact.model_dump_json().encode()
    return Told(envelope, fact, version, sha256(payload).hexdigest(), payload)


async def hear(pool: asyncpg.Pool, *lives: Life) -> None:
    """Let the console hear lives; what it has heard before it drops as a repeat."""
    for view in (counted.VIEW, project_history.VIEW):
        await hear_told(pool, view, [one for life in lives for one in life.told])
    await hear_told(pool, construction.VIEW, [one for life in lives for one in life.progress])


async def hear_told(pool: asyncpg.Pool, view: View, told: Sequence[Told]) -> None:
    """Let one view hear facts, in the order of their recording."""
    (topic,) = view.topics
    reading = await opened(pool, view)
    records = [
        Record(
            topic,
            0,
            0,
            one.envelope.partitionkey.encode(),
            [*headers_of(one.envelope.model_dump(), one.position, bytes.fromhex(one.chain))],
            one.payload,
        )
        for one in sorted(told, key=lambda one: one.envelope.recorded)
    ]
    if records:
        await reading.take(*records)
    assert await reading.aside() == []
