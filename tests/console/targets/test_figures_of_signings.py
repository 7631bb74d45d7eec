"""What was signed and begun, which projects came of it, which events were held."""

from datetime import UTC, date, datetime, time
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from contracts.envelope import Fact
from contracts.intake import (
    ContractAmended,
    ContractSigned,
    FrameworkSigned,
    LeadRegistered,
    PromotionHeld,
    PromotionWithdrawn,
    SigningEnded,
    SigningLinked,
    SigningUnlinked,
)
from services.console.views import promotions, signing_projects, signings
from shared.seeing import Reader
from tests.console.targets.conftest import Figures
from tests.console.targets.lives import YI, Life, hear_told, told_of

FEB, MARCH, MAY, JULY = (date(2019, month, 10) for month in (2, 3, 5, 7))
END = date(2019, 12, 31)


async def sign(city: Figures, name: str, *facts: tuple[date, Fact], lead: date = FEB) -> None:
    """Let the console hear the facts of a signing, from its lead on."""
    first = LeadRegistered(
        signing_id=signing(name),
        owner_org="JC-ZZ",
        owner_name="泽州县",
        title=name,
        investor="示例投资公司",
        investor_place="深圳市",
        region="140525",
        zone_id=None,
        industry=None,
        registered_on=lead,
    )
    told = [
        told_of(
            fact,
            f"signing-{signing(name)}",
            str(signing(name)),
            number,
            datetime.combine(on, time(4, number), UTC),
            "JC-ZZ",
        )
        for number, (on, fact) in enumerate([(lead, first), *facts], start=1)
    ]
    for view in (signings.VIEW, signing_projects.VIEW):
        await hear_told(city.pool, view, told)


def signing(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def contract(name: str, on: date, amount: int) -> tuple[date, Fact]:
    return on, ContractSigned(
        signing_id=signing(name),
        owner_org="JC-ZZ",
        contract_investment=amount,
        signed_on=on,
        link_due=on,
    )


def linked(name: str, life: Life, on: date) -> tuple[date, Fact]:
    return on, SigningLinked(
        signing_id=signing(name), project_id=life.id, project_name=life.name, linked_on=on
    )


async def held(
    city: Figures, name: str, level: str, org: str, *, withdrawn: bool = False, **other: object
) -> None:
    """Let the console hear of an event."""
    event = PromotionHeld.model_validate(
        {
            "promotion_id": signing(name),
            "org": org,
            "org_name": org,
            "level": level,
            "title": name,
            "place": "深圳市",
            "outside_city": True,
            "held_on": MARCH,
            **other,
        }
    )
    at = datetime.combine(MARCH, time(4), UTC)
    key = str(signing(name))
    told = [told_of(event, f"promotion-{key}", key, 1, at, org)]
    if withdrawn:
        gone = PromotionWithdrawn(promotion_id=signing(name), reason="误填", withdrawn_on=MAY)
        later = datetime.combine(MAY, time(4), UTC)
        told.append(told_of(gone, f"promotion-{key}", key, 2, later, org))
    await hear_told(city.pool, promotions.VIEW, told)


async def test_what_was_signed_this_year_counts_by_its_contract_as_it_was_amended(
    city: Figures,
) -> None:
    amended = ContractAmended(
        signing_id=signing("甲"), contract_investment=8 * YI, reason="增资", amended_on=JULY
    )
    framework = FrameworkSigned(
        signing_id=signing("乙"), signed_on=MARCH, intended_investment=90 * YI
    )
    await sign(city, "甲", contract("甲", MARCH, 5 * YI), (JULY, amended))
    await sign(city, "乙", (MARCH, framework))
    last_year = date(2018, 12, 31)
    await sign(city, "丙", contract("丙", last_year, 3 * YI), lead=date(2018, 5, 1))
    assert (await city.figure("K03", END)).value == 8 * YI
    assert (await city.figure("K03", MAY, past=True)).value == 5 * YI


async def test_what_was_signed_and_ended_stays_in_both_figures(city: Figures) -> None:
    ended = SigningEnded(signing_id=signing("甲"), reason="解约", ended_on=JULY)
    await sign(city, "甲", contract("甲", MARCH, 5 * YI), (JULY, ended))
    assert (await city.figure("K03", END)).value == 5 * YI
    assert (await city.figure("K04", END)).value == 0


async def test_a_signing_has_begun_when_any_of_its_projects_has_begun_this_year(
    city: Figures,
) -> None:
    begun, waits, before = Life("开工的"), Life("没开工的"), Life("去年开工的")
    await city.hear(
        begun.entered(FEB).started(MAY),
        waits.entered(FEB),
        before.entered(FEB).started(date(2018, 9, 1), told_on=FEB),
    )
    links = (linked("甲", waits, MARCH), linked("甲", begun, MARCH))
    await sign(city, "甲", contract("甲", MARCH, 5 * YI), *links)
    await sign(city, "乙", contract("乙", MARCH, 3 * YI), linked("乙", before, MARCH))
    await sign(city, "丙", contract("丙", MARCH, 2 * YI))
    figure = await city.figure("K04", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (1, 3)
    assert figure.others[0].ratio.value == 50, "5 of 10 亿元"


async def test_projects_that_come_of_a_lead_count_even_when_they_are_taken_out(
    city: Figures,
) -> None:
    stays, out, gone, other = Life("留下"), Life("调出"), Life("并掉"), Life("无关")
    kept, merged = gone.entered(FEB).merged_into(stays.entered(FEB), JULY, duplicate=True)
    await city.hear(kept, merged, out.entered(FEB).taken_out(JULY), other.entered(FEB))
    for name, one in (("甲", stays), ("乙", out), ("丙", gone)):
        await sign(city, name, linked(name, one, MARCH))
    wrong = SigningUnlinked(
        signing_id=signing("丁"), project_id=other.id, reason="错", unlinked_on=MAY
    )
    await sign(city, "丁", linked("丁", other, MARCH), (MAY, wrong))
    assert (await city.figure("K12", END)).value == 2


async def test_events_outside_the_city_count_at_the_level_of_who_held_them(city: Figures) -> None:
    await held(city, "市里的", "CITY", "D-INV")
    await held(city, "市里在本市的", "CITY", "D-INV", outside_city=False)
    await held(city, "去年的", "CITY", "D-INV", held_on=date(2018, 3, 1))
    await held(city, "误填的", "CITY", "D-INV", withdrawn=True)
    await held(city, "县里的", "COUNTY", "JC-ZZ")
    assert (await city.figure("K11", END)).value == 1
    assert (await city.figure("K11", END, "JC-ZZ")).value == 1
    assert (await city.figure("K11", END, "JC-GP")).value == 0


@pytest.mark.parametrize(("code", "part"), [("K03", "signed"), ("K04", "signed_started")])
async def test_the_list_of_signings_adds_up_to_the_figure(
    city: Figures, code: str, part: str
) -> None:
    begun = Life("开工的")
    await city.hear(begun.entered(FEB).started(MAY))
    await sign(city, "甲", contract("甲", MARCH, 5 * YI), linked("甲", begun, MARCH))
    figure = await city.figure(code, END)
    assert figure.ratio is not None
    members = await city.members(code, part, END)
    assert members.sum == figure.ratio.counts[0].sum
    assert [row.name for row in members.rows] == ["甲"]
    other = Reader("county_reporter", "JC-GP", region="140581")
    assert (await city.members(code, part, END, reader=other)).rows == ()
