"""Which projects carry which signing out? A project belongs to one signing at a time."""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.envelope import Fact
from contracts.intake import SigningLinked, SigningUnlinked
from services.console.views import signings
from shared.viewing import Owner, Told, View

NAME, VERSION = "signing_projects", 1


class SigningProjectRow(NamedTuple):
    """One project of one signing."""

    signing_id: str
    project_id: str
    project_name: str
    linked_on: date


def fold(_: SigningProjectRow | None, told: Told) -> SigningProjectRow | None:
    """Write down a link; one that was taken back is not there."""
    event: SigningLinked | SigningUnlinked = told.fact  # type: ignore[assignment]
    match event:
        case SigningLinked():
            return SigningProjectRow(
                signing_id=str(event.signing_id),
                project_id=str(event.project_id),
                project_name=event.project_name,
                linked_on=event.linked_on,
            )
        case SigningUnlinked():
            return None


def _one_row_a_link(told: Told) -> str:
    link: SigningLinked | SigningUnlinked = told.fact  # type: ignore[assignment]
    return f"{link.signing_id}/{link.project_id}"


_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact for fact in (SigningLinked, SigningUnlinked)
}

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=SigningProjectRow,
            kinds=_KINDS,
            ignored={
                **{kind: "links no project" for kind in intake.SIGNING_KINDS if kind not in _KINDS},
                **signings.IGNORED,
            },
            fold=fold,
            key=_one_row_a_link,
        ),
    ),
    indexes=("(signing_id)", "(project_id)"),
    history=True,  # Told of every project, of interest to few: each batch costs a transaction.
    gathers=True,
)
