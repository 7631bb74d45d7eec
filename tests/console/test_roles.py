"""角色与权限 says what the rules say: every role, every act, in words that a clerk understands."""

from typing import get_args

from contracts.reference import roles
from services.console.pages.roles import ACTS, FIELDS, lines, spoken
from shared.scope import PROJECT_SCOPES, Act, acts_of
from shared.seeing import EVERYTHING, Among, Filled, Outside, Own


def test_every_role_stands_on_the_page_with_each_of_its_acts() -> None:
    found = {line.code: set(line.acts) for line in lines()}
    assert found == {role.code: {ACTS[act] for act in acts_of(role.code)} for role in roles()}
    assert ACTS.keys() == set(get_args(Act))
    assert FIELDS.keys() == PROJECT_SCOPES.fields.keys()


def test_a_county_sees_its_own_and_what_is_pooled_on_its_ground() -> None:
    (county,) = (line for line in lines() if line.code == "county_reporter")
    assert dict(county.rights) == {
        "项目": "本单位的，或已入库的且（本县区的，或本开发区的）",
        "负责人和电话": "本单位的",
        "审核意见": "本单位的",
        "佐证附件": "本单位的",
        "审批计划": "本单位的，或已入库的且（本县区的，或本开发区的）",
        "按月报送": "本单位的",
    }


def test_an_approver_sees_projects_and_plans_in_which_his_office_has_something_to_do() -> None:
    (approver,) = (line for line in lines() if line.code == "approver")
    assert dict(approver.rights) == {
        "项目": "已入库的且有本单位事项的",
        "审批计划": "有本单位事项的",
    }


def test_whoever_sees_nothing_has_no_line_about_it() -> None:
    (admin,) = (line for line in lines() if line.code == "admin")
    assert admin.rights == ()
    assert "账号与机构" in admin.acts


def test_conditions_are_spoken_in_the_words_of_the_office() -> None:
    assert spoken(EVERYTHING) == "全部"
    assert spoken(Own("owner_org") | Filled("pool")) == "本单位的，或已入库的"
    assert spoken(Outside("stage", ("DRAFT",))) == "草稿以外的"
    assert spoken(Among("stage", ("CITY_PASSED", "APPROVED"))) == "待省级审核、已入库的"
