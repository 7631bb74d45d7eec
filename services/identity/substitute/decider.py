"""Who may act for an absent account, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.identity import (
    SubstituteAppointed,
    SubstituteEnded,
    SubstituteEvent,
    read_substitute_event,
)
from services.identity.account.posts import opposed, side_of
from services.identity.substitute.commands import (
    AppointSubstitute,
    EndSubstitute,
    SubstituteCommand,
)
from shared.deciding import Decider
from shared.refusals import NotFound, Refusal


@dataclass(frozen=True)
class Substitution:
    """One account acts for another from a day to a day."""

    substitute_id: UUID
    valid_from: date
    valid_to: date

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force; the last day counts."""
        return self.valid_from <= day <= self.valid_to


Substitutes = tuple[Substitution, ...]
"""Everybody who ever stood in for one account."""


class NoSubstituteForOneself(Refusal):
    """Nobody stands in for himself."""

    code = "no_substitute_for_oneself"
    title = "代理人不能是本人"


class SubstituteUnfit(Refusal):
    """Both hold a post in the same unit on the first day, or there is no substitution."""

    code = "substitute_unfit"
    title = "代理人不合适"


class SubstituteOnBothSides(Refusal):
    """Who fills in for a unit does not approve in it for another either."""

    code = "substitute_on_both_sides"
    title = "填报人≠审核人"


class SubstitutionDaysWrong(Refusal):
    """The days are upside down or over."""

    code = "substitution_days_wrong"
    title = "代理日期不对"


class AlreadySubstituted(Refusal):
    """On one of the days somebody else stands in already."""

    code = "already_substituted"
    title = "已有代理人"


def decide(command: SubstituteCommand, known: Substitutes) -> Sequence[SubstituteEvent]:
    """Answer a command."""
    match command:
        case AppointSubstitute():
            return appoint(command, known)
        case EndSubstitute():
            return end(command, known)
        case _:
            assert_never(command)


def appoint(ask: AppointSubstitute, known: Substitutes) -> Sequence[SubstituteEvent]:
    """Let a colleague of the same unit act for somebody who is away."""
    if Substitution(ask.substitute_id, ask.valid_from, ask.valid_to) in known:
        return []
    if ask.account_id == ask.substitute_id:
        raise NoSubstituteForOneself("代理人须是另一个账号。")
    if ask.valid_to < ask.valid_from or ask.valid_to < ask.on:
        raise SubstitutionDaysWrong("代理的最后一日不能早于第一日，也不能早于今天。")
    if ask.post is None or ask.own is None:
        raise SubstituteUnfit(f"双方的账号在 {ask.valid_from} 都须有任职且未停用。")
    if ask.post.organisation_id != ask.own.organisation_id:
        raise SubstituteUnfit("代理人须与请假人在同一单位。")
    if opposed(side_of(ask.post.role), side_of(ask.own.role)):
        raise SubstituteOnBothSides("填报人不能代理审核人，审核人也不能代理填报人。请另选代理人。")
    for one in known:
        if one.valid_from <= ask.valid_to and ask.valid_from <= one.valid_to:
            raise AlreadySubstituted(
                f"{one.valid_from} 至 {one.valid_to} 已有代理人。请先结束那一段，或改日期。"
            )
    return [
        SubstituteAppointed(
            account_id=ask.account_id,
            substitute_id=ask.substitute_id,
            valid_from=ask.valid_from,
            valid_to=ask.valid_to,
        )
    ]


def end(ask: EndSubstitute, known: Substitutes) -> Sequence[SubstituteEvent]:
    """End a substitution early; today is its last day."""
    mine = [one for one in known if one.substitute_id == ask.substitute_id]
    if not mine:
        raise NotFound("没有这项代理。")
    if all(one.valid_to <= ask.on for one in mine):
        return []
    return [
        SubstituteEnded(account_id=ask.account_id, substitute_id=ask.substitute_id, valid_to=ask.on)
    ]


def evolve(known: Substitutes, event: SubstituteEvent) -> Substitutes:
    """Take in a fact; one that is ended before its first day never was in force."""
    match event:
        case SubstituteAppointed():
            return (*known, Substitution(event.substitute_id, event.valid_from, event.valid_to))
        case SubstituteEnded():
            shortened = (
                replace(one, valid_to=event.valid_to)
                if one.substitute_id == event.substitute_id and one.valid_to > event.valid_to
                else one
                for one in known
            )
            return tuple(one for one in shortened if one.valid_from <= one.valid_to)
        case _:
            assert_never(event)


def stream_of(account_id: UUID) -> str:
    """Give the stream of everybody who stands in for an account."""
    return f"substitute-{account_id}"


SUBSTITUTE: Decider[SubstituteCommand, Substitutes, SubstituteEvent] = Decider(
    initial=(),
    decide=decide,
    evolve=evolve,
    read=read_substitute_event,
)
