"""The columns of 附件1 as a spreadsheet has them: titles, other names for them, hints, choices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from contracts.intake import Category, FundingSource, LeadSide, Track
from contracts.reference import industries, regions, zones
from shared.workbook.marking import ERRORS_TITLE

TEMPLATE_VERSION = "2019-04"
"""Changes with every change of the columns; a file says in its hidden sheet which one it has."""

TEMPLATE_SHEET = "附件1"
HIDDEN_SHEET = "_siku"

Kind = Literal["text", "money", "month", "choice", "code"]


@dataclass(frozen=True)
class Column:
    """A column: ``key`` is the field of the form, ``aliases`` are names that people give it."""

    key: str
    title: str
    kind: Kind
    hint: str
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    width: int = 14


FUNDING: Mapping[FundingSource, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        FundingSource.BUDGET: (
            "预算内资金",
            ("预算", "预算内", "财政预算", "财政资金", "政府预算内资金", "预算资金"),
        ),
        FundingSource.SPECIAL_BOND: (
            "专项债券",
            ("专项债", "地方政府专项债券", "政府专项债券", "专项债券资金"),
        ),
        FundingSource.LOAN: ("银行贷款", ("贷款", "国内贷款", "银行信贷")),
        FundingSource.FOREIGN: ("利用外资", ("外资", "外资资金")),
        FundingSource.SELF_RAISED: ("企业自筹", ("自筹", "自筹资金", "企业自筹资金")),
        FundingSource.OTHER: ("其他资金", ("其他", "其它", "其它资金", "其他来源")),
    }
)

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "新兴产业": Category.EMERGING,
        "传统产业升级": Category.TRADITIONAL,
        "基础设施": Category.INFRASTRUCTURE,
        "民生": Category.WELFARE,
        "农业": Category.AGRICULTURE,
        "服务业": Category.SERVICES,
    }
)
TRACKS: Mapping[str, str] = MappingProxyType(
    {
        "硬环境基础设施": Track.HARD_INFRASTRUCTURE,
        "产业链延伸": Track.INDUSTRIAL_CHAIN,
        "科技支撑": Track.SCIENCE_SUPPORT,
        "政策导向": Track.POLICY_ORIENTED,
    }
)
LEAD_SIDES: Mapping[str, str] = MappingProxyType(
    {"政府主导": LeadSide.GOVERNMENT, "市场主导": LeadSide.MARKET}
)
SPELLINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "category": {
            "新兴": Category.EMERGING,
            "战略性新兴产业": Category.EMERGING,
            "传统升级": Category.TRADITIONAL,
            "传统产业": Category.TRADITIONAL,
            "传统产业改造升级": Category.TRADITIONAL,
            "基础设施类": Category.INFRASTRUCTURE,
            "民生类": Category.WELFARE,
            "社会民生": Category.WELFARE,
            "民生事业": Category.WELFARE,
            "现代农业": Category.AGRICULTURE,
            "现代服务业": Category.SERVICES,
        },
        "track": {
            "基础设施": Track.HARD_INFRASTRUCTURE,
            "硬环境": Track.HARD_INFRASTRUCTURE,
            "产业链": Track.INDUSTRIAL_CHAIN,
            "科技": Track.SCIENCE_SUPPORT,
            "政策": Track.POLICY_ORIENTED,
        },
        "lead_side": {
            "政府": LeadSide.GOVERNMENT,
            "政府主导基础设施": LeadSide.GOVERNMENT,
            "市场": LeadSide.MARKET,
            "企业主导": LeadSide.MARKET,
            "市场主导产业": LeadSide.MARKET,
        },
    }
)
"""What people write instead of a choice's label."""


def _regions() -> dict[str, str]:
    """Name every county-level region; whether one holds on a day is the form's rule."""
    return {row.name: row.code for row in regions(date.max) if row.level == "county"}


def _zones() -> dict[str, str]:
    return {row.short_name: row.id for row in zones(date.max)}


def _industries() -> dict[str, str]:
    return {f"{row.code} {row.name}": row.code for row in industries()}


COLUMNS: tuple[Column, ...] = (
    Column(
        "owner",
        "报送单位",
        "text",
        "代录时填单位全称或简称；给本单位报送请留空。",
        ("申报单位", "填报单位", "谋划主体", "谋划单位", "责任主体", "责任单位"),
        width=16,
    ),
    Column(
        "name",
        "项目名称",
        "text",
        "规范全称，2 至 100 字；同一单位内不重名。",
        ("名称", "谋划项目名称", "建设项目名称", "项目"),
        required=True,
        width=32,
    ),
    Column(
        "project_code",
        "项目代码",
        "code",
        "已赋码的填 24 位代码，如 2019-140525-30-03-002187；未赋码留空。",
        ("投资项目代码", "统一代码", "项目统一代码", "审批监管平台代码", "在线平台项目代码"),
        width=27,
    ),
    Column(
        "content",
        "建设内容",
        "text",
        "10 至 2000 字，写明规模（面积、产能、里程等）。",
        (
            "建设内容及规模",
            "建设内容和规模",
            "建设规模及内容",
            "建设规模及主要内容",
            "建设规模和内容",
            "主要建设内容",
            "主要建设内容及规模",
            "项目建设内容",
            "建设规模",
        ),
        required=True,
        width=44,
    ),
    Column(
        "location.region",
        "建设地点（县区）",
        "choice",
        "从下拉中选县（市、区）。",
        ("县区", "县市区", "所在县区", "所属县区", "所在县市区", "建设县区", "建设地点县市区"),
        _regions(),
        required=True,
        width=12,
    ),
    Column(
        "location.address",
        "建设地点（详址）",
        "text",
        "乡镇、村、路或园区，写到能找到。",
        ("详址", "详细地址", "地址", "建设地址", "具体地点", "建设地点详细地址", "项目地址"),
        required=True,
        width=26,
    ),
    Column(
        "location.zone_id",
        "开发区",
        "choice",
        "在开发区内的从下拉中选，不在的留空。",
        ("所在开发区", "所属开发区", "开发区名称", "建设地点开发区", "园区"),
        _zones(),
        width=14,
    ),
    Column(
        "builder.name",
        "组织（建设）单位",
        "text",
        "建设单位全称。",
        (
            "建设单位",
            "组织单位",
            "项目单位",
            "项目法人",
            "项目法人单位",
            "建设单位名称",
            "组织建设单位名称",
            "组织单位名称",
            "项目建设单位",
            "实施单位",
        ),
        required=True,
        width=28,
    ),
    Column(
        "builder.uscc",
        "统一社会信用代码",
        "code",
        "18 位；谋划期没有可留空。",
        (
            "信用代码",
            "社会信用代码",
            "建设单位统一社会信用代码",
            "组织建设单位统一社会信用代码",
            "组织单位统一社会信用代码",
            "建设单位信用代码",
        ),
        width=22,
    ),
    Column(
        "total_investment",
        "总投资（万元）",
        "money",
        "只填数字，单位万元，最多两位小数，如 93500。",
        (
            "总投资",
            "项目投资",
            "项目总投资",
            "投资额",
            "总投资额",
            "投资总额",
            "计划总投资",
            "估算总投资",
            "投资估算",
            "概算总投资",
            "投资规模",
            "项目总投资额",
            "项目投资额",
        ),
        required=True,
        width=14,
    ),
    *(
        Column(
            f"funding.{source}",
            f"资金来源：{title}（万元）",
            "money",
            "没有这种来源留空；各来源合计应等于总投资。",
            (
                title,
                *aliases,
                f"其中{title}",
                *(f"{group}{name}" for group in ("资金来源", "其中") for name in aliases),
            ),
            width=14,
        )
        for source, (title, aliases) in FUNDING.items()
    ),
    Column(
        "planned_start",
        "计划开工时间",
        "month",
        "年月，如 2019-09；原则上在报送后 3 年内，超过的在备注写明理由。",
        (
            "开工时间",
            "计划开工",
            "开工年月",
            "计划开工年月",
            "拟开工时间",
            "预计开工时间",
            "开工日期",
            "计划开工日期",
            "拟开工年月",
        ),
        required=True,
        width=13,
    ),
    Column(
        "contact.name",
        "项目负责人",
        "text",
        "只填姓名。",
        (
            "负责人",
            "联系人",
            "负责人姓名",
            "项目负责人姓名",
            "联系人姓名",
            "项目联系人",
            "责任人",
        ),
        required=True,
        width=12,
    ),
    Column(
        "contact.phone",
        "联系电话",
        "code",
        "11 位手机号，或区号加号码，如 0356-2198345。只有本单位和审核人看得到。",
        (
            "电话",
            "联系方式",
            "手机",
            "手机号",
            "手机号码",
            "电话号码",
            "负责人电话",
            "项目负责人电话",
            "项目负责人联系电话",
            "负责人联系电话",
            "联系人电话",
        ),
        required=True,
        width=16,
    ),
    Column(
        "category",
        "产业类别",
        "choice",
        "从下拉中选。",
        ("产业类型", "项目类别", "项目类型", "类别"),
        CATEGORIES,
        required=True,
        width=14,
    ),
    Column(
        "track",
        "谋划方向",
        "choice",
        "从下拉中选。",
        ("谋划范围", "方向", "谋划领域"),
        TRACKS,
        required=True,
        width=16,
    ),
    Column(
        "lead_side",
        "主导方",
        "choice",
        "从下拉中选。",
        ("主导方式", "主导类型", "主导"),
        LEAD_SIDES,
        required=True,
        width=11,
    ),
    Column(
        "industry",
        "行业代码",
        "code",
        "按投产后的主要产品选大类，或填 2 至 4 位行业代码，如 3073。",
        (
            "行业",
            "所属行业",
            "行业大类",
            "行业分类",
            "国民经济行业",
            "国民经济行业代码",
            "国标行业",
            "行业类别",
        ),
        _industries(),
        required=True,
        width=24,
    ),
    Column(
        "preparation",
        "前期进展",
        "text",
        "可研、用地、环评等手续办到哪一步。",
        ("前期工作进展", "前期工作", "前期工作情况", "工作进展", "前期进展情况", "项目进展"),
        width=26,
    ),
    Column(
        "build_from",
        "建设起始年月",
        "month",
        "年月，如 2019-09。",
        ("建设起始", "起始年月", "建设起", "建设开始时间", "建设起止年限起", "建设起止年月起"),
        width=13,
    ),
    Column(
        "build_until",
        "建设终止年月",
        "month",
        "年月，如 2021-12。",
        (
            "建设终止",
            "终止年月",
            "建设止",
            "竣工时间",
            "计划竣工时间",
            "建成时间",
            "建设结束时间",
            "建设起止年限止",
            "建设起止年月止",
        ),
        width=13,
    ),
    Column(
        "annual_plan",
        "年度计划",
        "text",
        "当年计划投资和形象进度。",
        ("年度投资计划", "年度建设计划", "年度工作计划", "本年度计划"),
        width=26,
    ),
    Column(
        "needs",
        "需协调问题",
        "text",
        "需要上级协调解决的事项。",
        ("需协调解决的问题", "需要协调解决的问题", "需协调事项", "存在问题", "存在困难和问题"),
        width=26,
    ),
    Column(
        "remarks",
        "备注",
        "text",
        "计划开工超过 3 年的，在这里写明理由。",
        ("说明", "备注说明"),
        width=26,
    ),
)

BY_KEY: Mapping[str, Column] = MappingProxyType({column.key: column for column in COLUMNS})
REQUIRED: tuple[Column, ...] = tuple(column for column in COLUMNS if column.required)

PLACE = "location"
"""A single column 建设地点 that holds the county and the address in one."""
YEARS = "build_years"
"""A single column 建设起止年限 that holds both months."""
FUNDING_TEXT = "funding"
"""A single column 资金来源 that says in words how much comes from where."""
JOINED: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        PLACE: ("建设地点", ("项目地点", "项目建设地点", "建设位置", "项目地址及位置")),
        YEARS: (
            "建设起止年限",
            (
                "建设起止年月",
                "建设起止时间",
                "建设起止日期",
                "起止年限",
                "起止年月",
                "建设年限",
                "建设期限",
                "建设周期",
                "建设工期",
            ),
        ),
        FUNDING_TEXT: (
            "资金来源",
            (
                "项目资金来源",
                "资金来源情况",
                "资金来源及金额",
                "资金来源构成",
                "资金筹措",
                "资金筹措方式",
            ),
        ),
    }
)
"""Columns that hold several of ours in one, with the other names that people give them."""
HELD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        PLACE: ("location.region", "location.address"),
        YEARS: ("build_from", "build_until"),
        FUNDING_TEXT: tuple(f"funding.{source}" for source in FUNDING),
    }
)
"""Which of our columns each of them holds."""

IGNORED_TITLES = frozenset({"序号", "编号", "行号", "序", ERRORS_TITLE})
