"""Which passwords are refused: short ones, common ones, and whatever names the account."""

import re
import unicodedata
from collections.abc import Iterator

from shared.refusals import Problem, UnreadableInput

SHORTEST = 10

# Rows and columns of the keyboard, and the alphabet, along which a finger runs.
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
# fmt: off
_COMMON = frozenset({
    "admin", "administrator", "angel", "asdf", "baidu", "baobei", "china", "chongqing",
    "dragon", "duchashi", "fagaiwei", "football", "guanliyuan", "hello", "huawei", "iloveyou",
    "jincheng", "jinchengshi", "letmein", "login", "loveyou", "master", "mima", "mimamima",
    "monkey", "passw", "passwd", "password", "princess", "qq", "qwer", "root", "shanxi",
    "shenpi", "siku", "sunshine", "superman", "taobao", "test", "tongjiju", "user", "wangyi",
    "weixin", "welcome", "wodemima", "woaini", "xiangmu", "xiaomi", "xitong", "zhanghao",
    "zhongguo", "zxcv",
})
# fmt: on
_LEET = str.maketrans("0134578@$!", "oleastbasi")
_FEWEST = 5


def refuse_weak(password: str, *names: str) -> None:
    """Refuse a password that others would think of; ``names`` are the account's own.

    Raises:
        UnreadableInput: with every rule that it breaks.
    """
    problems = [
        Problem("new_password", "新密码", rule, f"新密码{message}", remedy)
        for rule, message, remedy in _faults(password, names)
    ]
    if problems:
        raise UnreadableInput(problems[0].message + problems[0].remedy, errors=problems)


def _faults(password: str, names: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < SHORTEST:
        yield "too_short", f"不足 {SHORTEST} 位。", "请加长，几个不相干的词连在一起最好记。"
    if _is_common(plain):
        yield "common", "太常见，容易被猜中。", "请勿用连续的字符、常用词加数字或年份。"
    if any(len(name) >= 2 and name.casefold() in plain for name in names):
        yield "names_account", "含有账号或账号名称。", "请换成与账号无关的内容。"


def _is_common(plain: str) -> bool:
    if len(set(plain)) < _FEWEST:
        return True
    rest = plain
    for row in _RUNS:
        for run in (row, row[::-1]):
            for length in range(len(run), 2, -1):
                for begin in range(len(run) - length + 1):
                    rest = rest.replace(run[begin : begin + length], "")
    if len(rest) < _FEWEST:
        return True
    words = {
        re.sub("[^a-z]", "", plain),
        re.sub("[^a-z]", "", plain.translate(_LEET)),
        re.sub("[^a-z]", "", plain.rstrip("0123456789!@#$%^&*._-").translate(_LEET)),
    }
    others = re.sub("[a-z]", "", plain)
    return bool(words & _COMMON) and len(others) <= max(6, len(plain) // 2)
