"""What a unit may ask of its own dossier."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.erasing import ErasureReason
from contracts.intake import Evidence, Pool, ProjectFacts
from services.intake.project.rules import Form


class By(BaseModel):
    """Who asks: the opaque account and the organisation it acts for, from the token.

    ``acting_for`` is the absent account that it stands in for, empty for itself; ``heir_of`` are
    the units that have ended and whose accounts its organisation took over.
    """

    model_config = ConfigDict(frozen=True)

    account: str
    org: str
    acting_for: str = ""
    heir_of: tuple[str, ...] = ()

    def works_for(self, org: str) -> bool:
        """Tell whether a unit's dossiers are this one's to go on with."""
        return org == self.org or org in self.heir_of

    def answers_for(self, account: str) -> bool:
        """Tell whether what an account did counts as this one's own."""
        return account in {self.account, self.acting_for} and bool(account)


class Ended(BaseModel):
    """That the unit of a dossier has ended: what it was called, its last day, who goes on."""

    model_config = ConfigDict(frozen=True)

    name: str
    last_day: date
    successors: tuple[str, ...]


class ProjectCommand(BaseModel):
    """A command of this room."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    project_id: UUID
    by: By


class DraftProject(ProjectCommand):
    """Begin a dossier. Only the name must be there. ``ended`` says that its unit is no more.

    ``not_secret`` is the clerk's declaration, here and below: without it not a word is kept.
    """

    not_secret: bool
    owner_name: str
    ended: Ended | None = None
    facts: ProjectFacts
    form: Form


class EnterStock(ProjectCommand):
    """Enter a project that was in a pool before this system began (期初存量), on its own days.

    ``by`` acts for the unit whose project it is; ``papers`` name where it was listed before.
    """

    owner_name: str
    ended: Ended | None = None
    facts: ProjectFacts
    form: Form
    pool: Pool
    entered_on: date
    pool_since: date | None = None
    papers: tuple[Evidence, ...]
    on: date


class ReviseProject(ProjectCommand):
    """Replace the facts while the dossier lies with its unit."""

    not_secret: bool
    facts: ProjectFacts
    form: Form


class DiscardProject(ProjectCommand):
    """Give up a draft."""


class NameContact(ProjectCommand):
    """Name another responsible officer, who is kept behind ``contact_id``."""

    contact_id: UUID
    form: Form


class EraseContact(ProjectCommand):
    """Tell that what was kept behind a contact id is gone."""

    contact_id: UUID
    reason: ErasureReason


class TagProject(ProjectCommand):
    """Mark a project as one of a programme's, of its list where it has one; ``on`` is today."""

    on: date
    tag: str
    item: str | None = None
    from_on: date


class UntagProject(ProjectCommand):
    """Take a mark away, after a last day."""

    on: date
    tag: str
    until_on: date
    reason: str
