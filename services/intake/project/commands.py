"""What a unit may ask of its own dossier."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.erasing import ErasureReason
from contracts.intake import ProjectFacts
from services.intake.project.rules import Form


class By(BaseModel):
    """Who asks: the opaque account and the organisation it acts for, from the token.

    ``acting_for`` is the absent account that it stands in for, empty for itself.
    """

    model_config = ConfigDict(frozen=True)

    account: str
    org: str
    acting_for: str = ""

    def answers_for(self, account: str) -> bool:
        """Tell whether what an account did counts as this one's own."""
        return account in {self.account, self.acting_for} and bool(account)


class ProjectCommand(BaseModel):
    """A command of this room."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    project_id: UUID
    by: By


class DraftProject(ProjectCommand):
    """Begin a dossier. Only the name must be there."""

    owner_name: str
    facts: ProjectFacts
    form: Form


class ReviseProject(ProjectCommand):
    """Replace the facts while the dossier lies with its unit."""

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
