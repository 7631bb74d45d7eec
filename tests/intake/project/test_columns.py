"""The columns of 附件1: what passes, what is refused, what is only a hint, and how it is said."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import Builder, Funding, FundingSource, Location, ProjectFacts
from services.intake.policies import form_of
from services.intake.project.rules import COLUMN_RULES, COLUMNS, Contact, Finding, findings
from tests.intake.dossiers import APRIL_25, OFFICER, WAN, YI, facts


def found(
    *, contact: Contact | None = OFFICER, on: date = APRIL_25, complete: bool = True, **columns: Any
) -> list[tuple[str, str, bool]]:
    return [
        (finding.problem.field, finding.problem.rule, finding.hint)
        for finding in findings(facts(**columns), form_of(on, contact), complete=complete)
    ]


def only(**columns: Any) -> Finding:
    (finding,) = findings(facts(**columns), form_of(APRIL_25, OFFICER), complete=True)
    return finding


def error(field: str, rule: str) -> list[tuple[str, str, bool]]:
    return [(field, rule, False)]


def hint(field: str, rule: str) -> list[tuple[str, str, bool]]:
    return [(field, rule, True)]


def test_a_complete_form_passes() -> None:
    assert found() == []


# 项目名称


@pytest.mark.parametrize("name", ["甲乙", "甲" * 100, "  甲乙  "])
def test_a_name_has_two_to_a_hundred_characters(name: str) -> None:
    assert found(name=name) == []


@pytest.mark.parametrize("name", ["甲", "甲" * 101, " 甲 "])
def test_a_shorter_or_longer_name_is_refused(name: str) -> None:
    assert found(name=name) == error("name", "name_length")


def test_the_sentence_names_the_column_the_rule_and_the_remedy() -> None:
    problem = only(name="甲").problem
    assert problem.label == "项目名称"
    assert problem.message == "项目名称应为 2–100 字，现为 1 字。"
    assert problem.remedy == "请填写完整、规范的项目名称。"


# 项目代码


@pytest.mark.parametrize(
    "code",
    [
        "2019-140525-30-03-002187",
        "2020-141129-77-03-006679",
        "2019-140525-01-01-000001",
        "2019-140525-97-02-000001",
        "2101-140502-04-01-123456",
        "1912-140502-04-05-123456",
    ],
)
def test_both_generations_of_project_codes_pass(code: str) -> None:
    assert found(project_code=code) == []


@pytest.mark.parametrize(
    "code",
    [
        "2019-140525-00-03-002187",
        "2019-140525-98-03-002187",
        "2019-140525-30-04-002187",
        "2019-140525-30-00-002187",
        "2019-140525-30-03-02187",
        "2113-140502-04-01-123456",
        "2100-140502-04-01-123456",
        "2101-140502-04-01-12345X",
        "2101-140502-04-01-1234567",
        "201914052530030021870000",
        "2019-140525-30-03-００2187",
        "2019-140525-30-03-002187\n",
    ],
)
def test_other_project_codes_are_refused(code: str) -> None:
    assert found(project_code=code) == error("project_code", "project_code_format")


@pytest.mark.parametrize("region", ["140523", "140503", "140520", "140599"])
def test_a_code_of_a_region_that_the_city_does_not_have_is_refused(region: str) -> None:
    code = f"2019-{region}-30-03-002187"
    assert found(project_code=code) == error("project_code", "project_code_region")


@pytest.mark.parametrize("region", ["140581", "140500", "140000", "110000"])
def test_a_code_may_have_been_given_by_the_city_or_above(region: str) -> None:
    assert found(project_code=f"2019-{region}-30-03-002187") == []


def test_a_project_may_have_no_code_yet() -> None:
    assert found(project_code=None) == []


# 建设内容


@pytest.mark.parametrize("length", [10, 2000])
def test_the_content_has_ten_to_two_thousand_characters(length: int) -> None:
    assert found(content="1" + "建" * (length - 1)) == []


@pytest.mark.parametrize("length", [9, 2001])
def test_shorter_or_longer_content_is_refused(length: int) -> None:
    assert found(content="1" + "建" * (length - 1)) == error("content", "content_length")


@pytest.mark.parametrize("text", ["新建厂房五万平方米及配套", "新建厂房 50000 平方米及配套"])
def test_content_tells_the_scale_in_figures_of_either_kind(text: str) -> None:
    assert found(content=text) == []


def test_content_without_a_scale_is_a_hint() -> None:
    assert found(content="新建标准厂房及配套管网设施") == hint("content", "content_scale")


# 建设地点


@pytest.mark.parametrize("region", ["140502", "140521", "140522", "140524", "140525", "140581"])
def test_a_project_lies_in_one_of_the_six_counties(region: str) -> None:
    assert found(location=Location(region=region, address="某镇")) == []


@pytest.mark.parametrize(
    "region", ["140523", "140500", "140000", "140503", "140520", "110101", "14052", "泽州县"]
)
def test_any_other_region_is_refused(region: str) -> None:
    location = Location(region=region, address="某镇")
    assert found(location=location) == error("location.region", "region_code")


def test_the_remedy_lists_the_six_codes_with_their_names() -> None:
    remedy = only(location=Location(region="140523", address="某镇")).problem.remedy
    assert remedy == (
        "请从 140502 城区、140521 沁水县、140522 阳城县、140524 陵川县、140525 泽州县、"
        "140581 高平市 中选。"
    )


def test_a_zone_is_one_that_exists() -> None:
    zone = Location(region="140525", address="某镇", zone_id="Z-JC")
    assert found(location=zone) == []
    nowhere = Location(region="140525", address="某镇", zone_id="Z-XX")
    assert found(location=nowhere) == error("location.zone_id", "zone_id")


# 建设单位


@pytest.mark.parametrize(
    "uscc",
    [
        "91350100M000100Y43",
        "91140500MA0T00011Y",
        "91140502MA0T0002XK",
        "11140500000000019R",
        "12140581000000027U",
    ],
)
def test_a_credit_code_with_the_right_check_character_passes(uscc: str) -> None:
    assert found(builder=Builder(name="某公司", uscc=uscc)) == []


@pytest.mark.parametrize(
    "uscc",
    [
        "91140500MA0T000119",
        "91140500MA0TI0011Y",
        "91140500MA0T0001Y",
        "91140500ma0t00011y",
        "91140500 MA0T00011Y",
        "91140500MA0T00011Y0",
    ],
)
def test_any_other_credit_code_is_refused(uscc: str) -> None:
    assert found(builder=Builder(name="某公司", uscc=uscc)) == error("builder.uscc", "uscc")


def test_a_builder_may_have_no_credit_code_yet() -> None:
    assert found(builder=Builder(name="某公司")) == []


# 项目投资、资金来源


def test_an_investment_is_more_than_nothing() -> None:
    assert found(total_investment=0, funding=()) == [
        ("total_investment", "investment_positive", False),
        ("funding", "required", False),
    ]
    assert found(total_investment=1, funding=(Funding(source=FundingSource.LOAN, amount=1),)) == []


def money(**amounts: int) -> tuple[Funding, ...]:
    return tuple(Funding(source=FundingSource[name], amount=yuan) for name, yuan in amounts.items())


def test_sources_that_add_up_to_the_investment_pass() -> None:
    assert found(total_investment=YI, funding=money(LOAN=YI - 1, OTHER=1)) == []


@pytest.mark.parametrize("gap", [-100, 100])
def test_sources_that_do_not_add_up_are_a_hint(gap: int) -> None:
    assert found(total_investment=YI, funding=money(LOAN=YI + gap)) == hint(
        "funding", "funding_sum"
    )


def test_the_hint_tells_the_sum_the_total_and_the_gap() -> None:
    finding = only(total_investment=12_000 * WAN, funding=money(LOAN=9_999 * WAN + 9_900))
    assert finding.problem.message == (
        "资金来源合计 9,999.99 万元，与总投资 12,000 万元差 2,000.01 万元。"
    )


def test_a_source_is_named_once() -> None:
    twice = (*money(LOAN=YI), *money(LOAN=11 * YI))
    assert found(funding=twice) == error("funding", "funding_twice")


def test_a_source_without_money_is_refused() -> None:
    assert found(funding=money(LOAN=12 * YI, OTHER=0)) == error(
        "funding.amount", "funding_positive"
    )


# 计划开工时间


def test_a_start_three_years_ahead_to_the_month_passes() -> None:
    assert found(planned_start="2022-04") == []


def test_a_start_one_month_later_is_refused_without_a_reason() -> None:
    assert found(planned_start="2022-05") == error("planned_start", "start_within_years")
    assert found(planned_start="2022-05", remarks="  ") == error(
        "planned_start", "start_within_years"
    )


def test_a_start_one_month_later_is_a_hint_with_a_reason() -> None:
    assert found(planned_start="2022-05", remarks="分期建设，二期滚动开工") == hint(
        "planned_start", "start_within_years"
    )


def test_three_years_count_from_the_day_of_the_report() -> None:
    assert found(planned_start="2022-12", on=date(2019, 12, 1)) == []
    assert found(planned_start="2023-01", on=date(2019, 12, 31)) == error(
        "planned_start", "start_within_years"
    )


# 项目负责人、联系电话


@pytest.mark.parametrize(
    "phone",
    ["13835601234", "19912345678", "0356-2198345", "03562198345", "010-62345678", "0356-2198345-8"],
)
def test_a_mobile_number_or_one_with_an_area_code_passes(phone: str) -> None:
    assert found(contact=Contact("张三", phone)) == []


@pytest.mark.parametrize(
    "phone",
    ["12835601234", "1383560123", "138356012345", "2198345", "0356-1198345", "张三", "１38"],
)
def test_any_other_telephone_is_refused(phone: str) -> None:
    assert found(contact=Contact("张三", phone)) == error("contact.phone", "phone_format")


def test_an_officers_name_is_only_a_name() -> None:
    assert found(contact=Contact("张" * 50, OFFICER.phone)) == []
    assert found(contact=Contact("张" * 51, OFFICER.phone)) == error("contact.name", "contact_name")
    assert found(contact=Contact("张\0三", OFFICER.phone)) == error("contact.name", "unprintable")


# 行业代码


@pytest.mark.parametrize("industry", ["01", "97", "34", "341", "3411", "0111", "9700"])
def test_a_division_of_the_national_standard_passes_with_its_groups_and_classes(
    industry: str,
) -> None:
    assert found(industry=industry) == []


@pytest.mark.parametrize("industry", ["00", "98", "9999", "0", "3", "34110", "C34", "1３"])
def test_any_other_industry_is_refused(industry: str) -> None:
    assert found(industry=industry) == error("industry", "industry_code")


# 建设起止年限


def test_building_ends_in_the_month_it_begins_or_later() -> None:
    assert found(build_from="2020-03", build_until="2020-03") == []
    assert found(build_from="2020-03", build_until="2021-01") == []
    assert found(build_from="2020-03") == []
    assert found(build_until="2020-03") == []


def test_building_that_ends_before_it_begins_is_refused() -> None:
    assert found(build_from="2020-03", build_until="2020-02") == error("build_until", "build_years")


# 文字栏

TEXTS = {
    "name": "{}",
    "content": "新建 5 万平方米厂房，{}",
    "location.address": "{}",
    "builder.name": "{}",
    "preparation": "{}",
    "annual_plan": "{}",
    "needs": "{}",
    "remarks": "{}",
}


def with_text(field: str, text: str) -> dict[str, Any]:
    match field:
        case "location.address":
            return {"location": Location(region="140525", address=text)}
        case "builder.name":
            return {"builder": Builder(name=text)}
        case _:
            return {field: text}


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "number",
    [
        "13835601234",
        "138 3560 1234",
        "138-3560-1234",
        "１３８３５６０１２３４",
        "0356-2198345",
        "（0356）2198345",
        "0356 2198345",
        "03562198345",
    ],
)
def test_a_telephone_number_in_free_text_is_refused(field: str, number: str) -> None:
    text = TEXTS[field].format(f"请联系{number}张主任")
    assert found(**with_text(field, text)) == error(field, "personal_data")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x"])
def test_an_identity_number_in_free_text_is_refused(field: str, number: str) -> None:
    text = TEXTS[field].format(f"证号{number}。")
    assert found(**with_text(field, text)) == error(field, "personal_data")


@pytest.mark.parametrize(
    "text",
    [
        "项目代码 2019-140525-30-03-002187 已赋",
        "项目代码 2101-140502-04-01-123456 已赋",
        "信用代码 91140500MA0T00011Y",
        "总投资 138000 万元，占地 13835 亩",
        "文号 晋市政办〔2019〕16号，2019-04-22 印发",
        "编号 110105194912310021",
    ],
)
def test_other_figures_in_free_text_are_left_alone(text: str) -> None:
    assert found(remarks=text) == []


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("mark", ["机密★10年", "绝密 ★ 长期", "秘密☆", "密级：机密", "密级 秘密"])
def test_a_mark_of_secrecy_in_free_text_is_refused(field: str, mark: str) -> None:
    text = TEXTS[field].format(f"{mark}，附图")
    assert found(**with_text(field, text)) == error(field, "marked_secret")


@pytest.mark.parametrize(
    "text", ["含商业秘密的材料另报", "非涉密项目", "保密机房 200 平方米", "五★级酒店"]
)
def test_words_about_secrets_are_no_mark(text: str) -> None:
    assert found(remarks=text) == []


@pytest.mark.parametrize("field", ["preparation", "annual_plan", "needs", "remarks"])
def test_free_text_has_a_limit(field: str) -> None:
    assert found(**with_text(field, "字" * 2000)) == []
    assert found(**with_text(field, "字" * 2001)) == error(field, "text_length")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\ud800"])
def test_characters_that_cannot_be_shown_are_refused(field: str, character: str) -> None:
    text = TEXTS[field].format(f"甲{character}乙")
    assert found(**with_text(field, text)) == error(field, "unprintable")


def test_free_text_may_have_lines() -> None:
    assert found(remarks="一、土地\n二、资金\r\n\t三、其他") == []


# 必填


@pytest.mark.parametrize(
    ("field", "columns"),
    [
        ("content", {"content": None}),
        ("content", {"content": None, "remarks": "说明"}),
        ("location.region", {"location": Location(address="某镇")}),
        ("location.address", {"location": Location(region="140525")}),
        ("location.address", {"location": Location(region="140525", address=" ")}),
        ("builder.name", {"builder": Builder(uscc="91140500MA0T00011Y")}),
        ("total_investment", {"total_investment": None}),
        ("funding", {"funding": ()}),
        ("planned_start", {"planned_start": None}),
        ("category", {"category": None}),
        ("track", {"track": None}),
        ("lead_side", {"lead_side": None}),
        ("industry", {"industry": None}),
        ("contact.name", {"contact": Contact("", "0356-2198345")}),
        ("contact.phone", {"contact": Contact("张三", "")}),
    ],
)
def test_each_required_column_is_asked_for_by_a_report(field: str, columns: Any) -> None:
    assert found(**columns) == error(field, "required")


def test_a_draft_may_leave_columns_open() -> None:
    only_a_name = findings(
        ProjectFacts(name="丹河新城水系治理"), form_of(APRIL_25, None), complete=False
    )
    assert only_a_name == []


def test_a_report_of_a_bare_name_is_told_every_open_column() -> None:
    open_columns = findings(
        ProjectFacts(name="丹河新城水系治理"), form_of(APRIL_25, None), complete=True
    )
    assert [finding.problem.field for finding in open_columns] == [
        "content",
        "location.region",
        "location.address",
        "builder.name",
        "total_investment",
        "funding",
        "planned_start",
        "contact.name",
        "contact.phone",
        "category",
        "track",
        "lead_side",
        "industry",
    ]
    for finding in open_columns:
        assert finding.problem.message == f"{COLUMNS[finding.problem.field]}没有填写。"
        assert finding.problem.remedy == f"报送前请填写{COLUMNS[finding.problem.field]}。"


def test_every_rule_finds_something_in_the_form_that_breaks_them_all() -> None:
    worst = facts(
        name="甲",
        project_code="x",
        content="建",
        location=Location(region="140500", zone_id="Z-XX"),
        builder=Builder(uscc="x"),
        total_investment=0,
        funding=money(OTHER=0),
        planned_start="2099-01",
        industry="00",
        build_from="2020-03",
        build_until="2020-02",
        needs="字" * 2001,
        remarks="\0",
    )
    form = form_of(APRIL_25, Contact("张三", "x"))
    silent = [rule.__name__ for rule in COLUMN_RULES if not list(rule(worst, form))]
    assert silent == []
