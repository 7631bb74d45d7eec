"""The national codes of projects and units, as they are spelt: what holds, and what it says.

Sources: 投资项目在线审批监管平台 赋码规则 (V1), GB/T 40058-2021 (V2), GB 32100-2015 (credit codes).
"""

import re
from dataclasses import dataclass
from typing import Literal

from stdnum.cn import uscc

_V1 = re.compile(
    r"(?P<year>20\d{2})-(?P<region>\d{6})-(?P<division>0[1-9]|[1-8]\d|9[0-7])"
    r"-(?P<type>0[1-3])-\d{6}",
    re.ASCII,
)
_V2 = re.compile(
    r"(?P<year>\d{2})(?:0[1-9]|1[0-2])-(?P<region>\d{6})-\d{2}-(?P<type>\d{2})-\d{6}", re.ASCII
)
_CREDIT = re.compile(r"[0-9A-Z]{18}", re.ASCII)


@dataclass(frozen=True)
class ProjectCode:
    """What a 投资项目代码 says of its project.

    The first generation has no check digit. The second has one by a rule that was never made
    public, so it is ``unverified``: only its spelling is known to be right.
    """

    generation: Literal[1, 2]
    year: int
    region: str
    division: str | None
    type: str
    checksum: Literal["none", "unverified"]


def read_project_code(text: str) -> ProjectCode | None:
    """Read a project code of either generation; None for what is not spelt like one."""
    if first := _V1.fullmatch(text):
        return ProjectCode(
            1, int(first["year"]), first["region"], first["division"], first["type"], "none"
        )
    if second := _V2.fullmatch(text):
        year = 2000 + int(second["year"])
        return ProjectCode(2, year, second["region"], None, second["type"], "unverified")
    return None


def is_credit_code(text: str) -> bool:
    """Tell whether a text is a 统一社会信用代码: 18 characters whose check character holds."""
    return _CREDIT.fullmatch(text) is not None and uscc.is_valid(text)
