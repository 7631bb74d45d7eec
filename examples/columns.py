"""附件1 as a clerk knows it: the titles of its columns and the words in its drop-downs.

A clerk knows the printed form, not the program that will read it; nor does this. A test compares
the two.
"""

from collections.abc import Mapping

from contracts.intake import Category, FundingSource, LeadSide, Track

SHEET = "附件1"
HIDDEN_SHEET = "_siku"
TEMPLATE_VERSION = "2019-04"

SOURCES: Mapping[FundingSource, str] = {
    FundingSource.BUDGET: "预算内资金",
    FundingSource.SPECIAL_BOND: "专项债券",
    FundingSource.LOAN: "银行贷款",
    FundingSource.FOREIGN: "利用外资",
    FundingSource.SELF_RAISED: "企业自筹",
    FundingSource.OTHER: "其他资金",
}
CATEGORIES: Mapping[Category, str] = {
    Category.EMERGING: "新兴产业",
    Category.TRADITIONAL: "传统产业升级",
    Category.INFRASTRUCTURE: "基础设施",
    Category.WELFARE: "民生",
    Category.AGRICULTURE: "农业",
    Category.SERVICES: "服务业",
}
TRACKS: Mapping[Track, str] = {
    Track.HARD_INFRASTRUCTURE: "硬环境基础设施",
    Track.INDUSTRIAL_CHAIN: "产业链延伸",
    Track.SCIENCE_SUPPORT: "科技支撑",
    Track.POLICY_ORIENTED: "政策导向",
}
LEAD_SIDES: Mapping[LeadSide, str] = {
    LeadSide.GOVERNMENT: "政府主导",
    LeadSide.MARKET: "市场主导",
}

TITLES: Mapping[str, str] = {
    "owner": "报送单位",
    "name": "项目名称",
    "project_code": "项目代码",
    "content": "建设内容",
    "location.region": "建设地点（县区）",
    "location.address": "建设地点（详址）",
    "location.zone_id": "开发区",
    "builder.name": "组织（建设）单位",
    "builder.uscc": "统一社会信用代码",
    "total_investment": "总投资（万元）",
    **{f"funding.{source}": f"资金来源：{title}（万元）" for source, title in SOURCES.items()},
    "planned_start": "计划开工时间",
    "contact.name": "项目负责人",
    "contact.phone": "联系电话",
    "category": "产业类别",
    "track": "谋划方向",
    "lead_side": "主导方",
    "industry": "行业代码",
    "preparation": "前期进展",
    "build_from": "建设起始年月",
    "build_until": "建设终止年月",
    "annual_plan": "年度计划",
    "needs": "需协调问题",
    "remarks": "备注",
}
"""The columns of the template, in its order, by the field of the form."""

MONTHS = frozenset({"planned_start", "build_from", "build_until"})


def is_money(key: str) -> bool:
    """Tell whether figures of money stand in a column."""
    return key == "total_investment" or key.startswith("funding.")
