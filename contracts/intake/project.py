"""What is told of a project's facts: its draft, its editions, its admission, its contact."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.erasing import ErasureReason
from contracts.intake.words import Evidence, Month, Pool, ProjectFacts, Source


class ProjectDrafted(Fact):
    """A unit began a dossier (草稿). ``revision`` counts the editions of its facts from 1."""

    kind: Literal["intake.project.drafted.v1"] = "intake.project.drafted.v1"
    project_id: UUID
    owner_org: str
    owner_name: str
    revision: int
    facts: ProjectFacts


class ProjectRevised(Fact):
    """The unit changed the facts while the dossier was in its own hands."""

    kind: Literal["intake.project.revised.v1"] = "intake.project.revised.v1"
    project_id: UUID
    revision: int
    facts: ProjectFacts


class ProjectDiscarded(Fact):
    """The unit gave up a draft that it had never had accepted (撤销)."""

    kind: Literal["intake.project.discarded.v1"] = "intake.project.discarded.v1"
    project_id: UUID


class ProjectPooled(Fact):
    """A project entered its first pool (入库生效). ``transition`` T01 = 新增谋划.

    T02 and T03 enter 前期 and 建设 directly, TX6 is one part of a project that was split
    (``parent_id``). ``entered_on`` is the business day of the entry where it is another than that
    of the approval: opening stock entered long ago, a part on the day of its parent.
    ``pool_since`` is the day from which it is in this pool, where it entered another one before:
    opening stock that was moved elsewhere, a part of a project that was moved. A part has the
    ``source`` of its parent. ``evidence`` are the papers that opening stock came with: where it
    was listed before (``source_document``), the permits that it had.
    """

    kind: Literal["intake.project.pooled.v1"] = "intake.project.pooled.v1"
    project_id: UUID
    owner_org: str
    owner_name: str
    revision: int
    facts: ProjectFacts
    pool: Pool
    transition: str
    report_month: Month
    approved_on: date
    source: Source = Source.PLANNED
    entered_on: date | None = None
    pool_since: date | None = None
    parent_id: UUID | None = None
    evidence: tuple[Evidence, ...] = ()


class ProjectContactNamed(Fact):
    """The unit named another responsible officer (更换联系人), whatever the dossier waits for.

    The facts keep their edition: who to call is no part of what is reviewed.
    """

    kind: Literal["intake.project.contact_named.v1"] = "intake.project.contact_named.v1"
    project_id: UUID
    contact_id: UUID


class ProjectContactErased(Fact):
    """What was kept about a responsible officer is gone, because he asked (删除联系人信息).

    ``contact_id`` says who no more: nothing lies behind it.
    """

    kind: Literal["intake.project.contact_erased.v1"] = "intake.project.contact_erased.v1"
    project_id: UUID
    contact_id: UUID
    reason: ErasureReason


class ProjectTagged(Fact):
    """A project carries a mark of policy from a day on (标签); ``item`` is one of its list."""

    kind: Literal["intake.project.tagged.v1"] = "intake.project.tagged.v1"
    project_id: UUID
    tag: str
    item: str | None = None
    from_on: date


class ProjectUntagged(Fact):
    """A project does not carry a mark any more, after its last day."""

    kind: Literal["intake.project.untagged.v1"] = "intake.project.untagged.v1"
    project_id: UUID
    tag: str
    until_on: date
    reason: str
