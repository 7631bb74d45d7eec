"""Invented names, codes and numbers that nobody can mistake for, or reach, anybody real."""

from collections.abc import Mapping

from stdnum.cn import uscc

BRANDS = (
    "澄溪", "望岚", "云岫", "栖霖", "霁川", "听松", "朗坤", "沐阳", "岱宁", "锦屏",
    "鹿鸣", "清漪", "启元", "瑞禾", "融晟", "宏垣", "嘉穗", "卓远", "凌峰", "晓岸",
    "青禾", "星澜", "长庚", "泊远", "松涧", "明霁", "翠屿", "安澜", "和畅", "景行",
)  # fmt: skip
SURNAMES = "王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓冯"
TOWNS: Mapping[str, tuple[str, ...]] = {
    "140502": ("北石店镇", "钟家庄街道", "西上庄街道", "北街街道", "西街街道", "南街街道"),
    "140525": ("巴公镇", "金村镇", "南村镇", "高都镇", "大阳镇", "周村镇", "下村镇", "大东沟镇"),
    "140581": ("马村镇", "米山镇", "三甲镇", "寺庄镇", "神农镇", "北诗镇", "河西镇", "陈区镇"),
    "140522": ("凤城镇", "北留镇", "润城镇", "町店镇", "芹池镇", "次营镇", "蟒河镇", "东冶镇"),
    "140524": ("崇文镇", "礼义镇", "附城镇", "西河底镇", "平城镇", "杨村镇", "潞城镇"),
    "140521": ("龙港镇", "中村镇", "郑庄镇", "端氏镇", "嘉峰镇", "郑村镇", "柿庄镇"),
}
"""Towns by county; projects lie in real towns, at addresses that are not there."""

_TRADES = (
    (5, "农业科技"), (12, "能源开发"), (24, "制造"), (33, "新材料"), (43, "装备制造"),
    (46, "能源"), (50, "建设"), (52, "商贸"), (60, "物流"), (62, "酒店管理"), (65, "信息技术"),
    (70, "置业"), (75, "科技服务"), (79, "生态环境"), (85, "康养服务"), (97, "文化旅游"),
)  # fmt: skip
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def trade_of(industry: str) -> str:
    """Give the word for a company's trade."""
    division = int(industry[:2])
    return next(word for last, word in _TRADES if division <= last)


def credit_code(kind: str, region: str, serial: int) -> str:
    """Make a 统一社会信用代码 with right check characters, from a range kept for examples."""
    subject = f"MA0T{serial:04d}"
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(subject, _WEIGHTS, strict=True))
    number = f"{kind}{region}{subject}{'0X987654321'[total % 11]}"
    return number + str(uscc.calc_check_digit(number))


def telephone(serial: int) -> str:
    """Make a number that cannot be dialled: no local number begins with 9."""
    return f"0356-9{serial:06d}"
