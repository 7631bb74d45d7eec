"""Who asks, and for which unit, as the units stand on the day."""

from datetime import date

from services.intake.project.commands import By, Ended
from shared.refusals import Unavailable
from shared.tokens import Actor
from shared.units import Unit, Units


def by(actor: Actor, units: Units, on: date) -> By:
    """Give who asks, with the ended units whose dossiers are his to go on with."""
    return By(
        account=actor.account,
        org=actor.org,
        acting_for=actor.on_behalf_of,
        heir_of=units.heir_of(actor.org, on),
    )


def own_unit(actor: Actor, units: Units, on: date) -> Unit:
    """Give the asker's unit as it is, or was on its last day.

    Raises:
        Unavailable: identity let it in, and what it told of the unit has not arrived here yet.
    """
    unit = units.known(actor.org, on)
    if unit is None:
        raise Unavailable(f"“{actor.org_name}”的机构登记正在处理中，请过几秒再提交，内容没有丢失。")
    return unit


def ended(unit: Unit | None, units: Units, on: date) -> Ended | None:
    """Say that a unit has ended; None while it stands."""
    if unit is None or unit.valid_to is None or unit.stands_on(on):
        return None
    heirs = [units.known(heir, on) for heir in unit.successors]
    return Ended(
        name=unit.short_name,
        last_day=unit.valid_to,
        successors=tuple(heir.short_name for heir in heirs if heir is not None),
    )
