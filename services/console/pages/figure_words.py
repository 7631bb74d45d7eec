"""How a figure is written: its value, its goal, what lacks, how it stands."""

from fractions import Fraction

from services.console.pages import words
from services.console.targets.figures import Figure, Line, Ratio
from services.console.targets.plan import By, Target


def value(target: Target, number: Fraction | None) -> str:
    """Write a value in the target's own unit; rates are rounded down, so 29.96 % is no 30 %."""
    if number is None:
        return words.MISSING
    match target.measure:
        case "money":
            return words.yi_sum(int(number))
        case "rate":
            return rate(number)
        case "count":
            return f"{int(number):,}"


def rate(number: Fraction | None) -> str:
    """Write a rate with one decimal, rounded down."""
    if number is None:
        return words.MISSING
    tenths = int(abs(number) * 10)
    sign = "-" if number < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"


def of(target: Target) -> str:
    """Write the unit behind a number: 30%, 1,200 亿元."""
    return target.unit if target.measure == "rate" else f" {target.unit}"


def goal(target: Target) -> str:
    """Write a goal."""
    return value(target, Fraction(target.goal)).removesuffix(".0")


def worked_out(ratio: Ratio, unit: str) -> str:
    """Write how a value comes about: a quotient, or the number itself."""
    if not ratio.of:
        return f"{amount(ratio.top, ratio.by)} {unit}"
    top, under = amount(ratio.top, ratio.by), amount(ratio.under, ratio.by)
    return f"{top} ÷ {under} = {rate(ratio.value)}%" if ratio.under else f"{top} ÷ 0，没有分母"


def amount(number: int, by: By) -> str:
    """Write a number of things, or yuan as 亿元."""
    return f"{number:,}" if by == "count" else words.yi_sum(number)


def line(one: Line, by: By) -> str:
    """Write what a part comes to."""
    if by == "count":
        return f"{one.sum.count:,} 项"
    return f"{words.yi_sum(one.sum.money)} 亿元（{one.sum.count:,} 项）"


def light(figure: Figure) -> str:
    """Say in words how a figure stands."""
    target = figure.target
    if figure.value is None:
        return "暂无数据" if target.teller else "没有分母"
    if figure.reached:
        return "已达标"
    lacking = f"{lacks(figure)} {'个百分点' if target.measure == 'rate' else target.unit}"
    if figure.over:
        return f"到期未达标，差 {lacking}"
    return f"预计差 {lacking}" if figure.lacking else "预计达标"


def lacks(figure: Figure) -> str:
    """Write what lacks to the goal, rounded up: whoever lacks a little lacks something."""
    lacking = figure.lacking
    match figure.target.measure:
        case "money":
            return words.yi_sum(int(lacking))
        case "rate":
            return rate(Fraction(-(-lacking * 10 // 1), 10))
        case "count":
            return f"{-(-lacking // 1):,}"
