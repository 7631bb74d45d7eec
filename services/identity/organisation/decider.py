"""What may happen to a unit, and what it is afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never

from contracts.identity import (
    OrganisationClosed,
    OrganisationEstablished,
    OrganisationEvent,
    OrganisationKind,
    OrganisationMerged,
    OrganisationRenamed,
    OrganisationSplit,
    ReportingPath,
    read_organisation_event,
)
from services.identity.organisation.commands import (
    EndOrganisation,
    EstablishOrganisation,
    OrganisationCommand,
    RenameOrganisation,
)
from shared.deciding import Decider
from shared.refusals import NotFound, Refusal


@dataclass(frozen=True)
class Named:
    """What a unit is called from a day on."""

    name: str
    short_name: str
    valid_from: date


@dataclass(frozen=True)
class NotEstablished:
    """There is no such unit."""


@dataclass(frozen=True)
class Established:
    """A unit with all the names that it has had, the latest last."""

    organisation_id: str
    organisation_kind: OrganisationKind
    path: ReportingPath
    region: str
    zone_id: str
    planning_body: bool
    aliases: tuple[str, ...]
    valid_from: date
    names: tuple[Named, ...]


@dataclass(frozen=True)
class Ended:
    """A unit with a last day, and whoever takes over its work and its accounts."""

    was: Established
    valid_to: date
    into: tuple[str, ...]
    accounts_to: str | None


Organisation = NotEstablished | Established | Ended
INITIAL: Organisation = NotEstablished()


class AlreadyEstablished(Refusal):
    """The code of a unit is never used for another one."""

    code = "already_established"
    title = "机构编号已用过"


class OrganisationEnded(Refusal):
    """A unit with a last day changes no more."""

    code = "organisation_ended"
    title = "机构已有终止日期"


class NameNotLater(Refusal):
    """A name holds from a day after the one before it."""

    code = "name_not_later"
    title = "生效日期不对"


class EndsBeforeItBegan(Refusal):
    """A unit's last day lies before its first, or before its latest name."""

    code = "ends_before_it_began"
    title = "终止日期不对"


class AccountsRemain(Refusal):
    """Accounts have posts in the unit, and nothing says where they go."""

    code = "accounts_remain"
    title = "还有账号没有去处"


class SuccessorMissing(Refusal):
    """Whoever shall take over does not exist then."""

    code = "successor_missing"
    title = "承接机构不存在"


def decide(command: OrganisationCommand, organisation: Organisation) -> Sequence[OrganisationEvent]:
    """Answer a command."""
    match command:
        case EstablishOrganisation():
            return establish(command, organisation)
        case RenameOrganisation():
            return rename(command, organisation)
        case EndOrganisation():
            return end(command, organisation)
        case _:
            assert_never(command)


def establish(
    ask: EstablishOrganisation, organisation: Organisation
) -> Sequence[OrganisationEvent]:
    """Set up a unit under a code of its own."""
    told = OrganisationEstablished(
        organisation_id=ask.organisation_id,
        name=ask.name,
        short_name=ask.short_name,
        aliases=ask.aliases,
        organisation_kind=ask.organisation_kind,
        region=ask.region,
        zone_id=ask.zone_id,
        planning_body=ask.planning_body,
        path=ask.path,
        valid_from=ask.valid_from,
        basis=ask.basis,
    )
    match organisation:
        case NotEstablished():
            return [told]
        case Established() if organisation == _begun(told):
            return []
        case Established() | Ended():
            raise AlreadyEstablished(
                f"编号 {ask.organisation_id} 已用于一个机构，终止后也不再使用。请换一个编号。"
            )
        case _:
            assert_never(organisation)


def rename(ask: RenameOrganisation, organisation: Organisation) -> Sequence[OrganisationEvent]:
    """Give a unit another name from a day on; the names before it stay for their days."""
    unit = _open(organisation)
    last = unit.names[-1]
    if (last.name, last.short_name) == (ask.name, ask.short_name):
        return []
    if ask.valid_from <= last.valid_from:
        raise NameNotLater(
            f"现名“{last.name}”自 {last.valid_from} 起使用，新名称须晚于这一天生效。"
        )
    return [
        OrganisationRenamed(
            organisation_id=unit.organisation_id,
            name=ask.name,
            short_name=ask.short_name,
            valid_from=ask.valid_from,
            basis=ask.basis,
        )
    ]


def end(ask: EndOrganisation, organisation: Organisation) -> Sequence[OrganisationEvent]:
    """Give a unit its last day, and its accounts somewhere to go."""
    match organisation:
        case Ended() if (ask.valid_to, ask.into) == (organisation.valid_to, organisation.into):
            return []
        case _:
            unit = _open(organisation)
    if ask.valid_to < unit.names[-1].valid_from:
        raise EndsBeforeItBegan(
            f"现名称自 {unit.names[-1].valid_from} 起使用，最后一日不能早于这一天。"
        )
    # Of a merger it is plain where the accounts go; of a split or a closing somebody must say.
    heir = ask.accounts_to or (ask.into[0] if len(ask.into) == 1 else None)
    named = {*ask.into, *([heir] if heir else [])}
    if missing := sorted(named - (ask.standing - {unit.organisation_id})):
        raise SuccessorMissing(
            f"{ask.valid_to + timedelta(days=1)} 没有这些机构：{'、'.join(missing)}。"
            "请先设立，或另选承接机构。"
        )
    if ask.accounts and heir is None:
        raise AccountsRemain(
            f"还有 {ask.accounts} 个账号任职于这个机构。请写明账号转到哪个机构，或先注销这些账号。",
            accounts=ask.accounts,
        )
    match ask.into:
        case ():
            return [
                OrganisationClosed(
                    organisation_id=unit.organisation_id,
                    accounts_to=heir,
                    valid_to=ask.valid_to,
                    basis=ask.basis,
                )
            ]
        case (one,) if heir == one:
            return [
                OrganisationMerged(
                    organisation_id=unit.organisation_id,
                    into=one,
                    valid_to=ask.valid_to,
                    basis=ask.basis,
                )
            ]
        case _:
            return [
                OrganisationSplit(
                    organisation_id=unit.organisation_id,
                    into=ask.into,
                    accounts_to=heir,
                    valid_to=ask.valid_to,
                    basis=ask.basis,
                )
            ]


def _open(organisation: Organisation) -> Established:
    match organisation:
        case Established():
            return organisation
        case Ended(valid_to=last):
            raise OrganisationEnded(f"这个机构的最后一日是 {last}，不再变更。")
        case NotEstablished():
            raise NotFound("没有这个机构。")
        case _:
            assert_never(organisation)


def evolve(organisation: Organisation, event: OrganisationEvent) -> Organisation:
    """Take in a fact."""
    match event:
        case OrganisationEstablished():
            return _begun(event)
        case OrganisationRenamed() if isinstance(organisation, Established):
            named = Named(event.name, event.short_name, event.valid_from)
            return replace(organisation, names=(*organisation.names, named))
        case OrganisationMerged() if isinstance(organisation, Established):
            return Ended(organisation, event.valid_to, (event.into,), event.into)
        case OrganisationSplit() if isinstance(organisation, Established):
            return Ended(organisation, event.valid_to, event.into, event.accounts_to)
        case OrganisationClosed() if isinstance(organisation, Established):
            return Ended(organisation, event.valid_to, (), event.accounts_to)
        case (
            OrganisationRenamed()
            | OrganisationMerged()
            | OrganisationSplit()
            | OrganisationClosed()
        ):
            return organisation
        case _:
            assert_never(event)


def _begun(event: OrganisationEstablished) -> Established:
    return Established(
        event.organisation_id,
        event.organisation_kind,
        event.path,
        event.region,
        event.zone_id,
        event.planning_body,
        event.aliases,
        event.valid_from,
        (Named(event.name, event.short_name, event.valid_from),),
    )


def unit_on(organisation: Organisation, day: date) -> Established | None:
    """Give the unit if it exists on a day."""
    match organisation:
        case Established():
            return organisation if organisation.valid_from <= day else None
        case Ended(was=unit, valid_to=last):
            return unit if unit.valid_from <= day <= last else None
        case NotEstablished():
            return None
        case _:
            assert_never(organisation)


def name_on(unit: Established, day: date) -> Named:
    """Give what a unit is called on a day; before its first, the first name."""
    held = [named for named in unit.names if named.valid_from <= day]
    return held[-1] if held else unit.names[0]


def stream_of(organisation_id: str) -> str:
    """Give the stream of a unit."""
    return f"organisation-{organisation_id}"


ORGANISATION: Decider[OrganisationCommand, Organisation, OrganisationEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=read_organisation_event,
)
