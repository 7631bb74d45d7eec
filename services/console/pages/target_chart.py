"""The curve of a figure through the year: as it stood at each month's end, its goal, its pace."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from services.console.pages import figure_words, words
from services.console.targets.figures import Figure, last_day

_MONTHS = 12
_GREY, _INK = {"color": "#5c6875", "fontSize": 12}, {"color": "#46525f", "fontSize": 12}


@dataclass(frozen=True)
class Curve:
    """A figure at the end of each month up to now; None where nothing was recorded yet."""

    figure: Figure
    points: tuple[Fraction | None, ...]

    @cached_property
    def written(self) -> tuple[tuple[str, str], ...]:
        """Give month and value for the table beside the chart."""
        target = self.figure.target
        return tuple(
            (f"{month} 月", figure_words.value(target, point))
            for month, point in enumerate(self.points, start=1)
        )

    @cached_property
    def spoken(self) -> str:
        """Say what the chart shows."""
        target = self.figure.target
        now = figure_words.value(target, self.figure.value)
        said = f"{target.name}各月末的数，截至日 {now} {target.unit}"
        if self.figure.forecast:
            expected = figure_words.value(target, self.figure.forecast.value)
            said += f"，按今年进度预计 {expected} {target.unit}"
        return f"{said}，目标 {figure_words.goal(target)} {target.unit}"

    @cached_property
    def option(self) -> str:
        """Give the chart for ECharts."""
        series = [
            self._line("各月末", [self._plot(point) for point in self.points], "#123f6e", "solid"),
            self._line("目标", self._goal(), "#46525f", "dashed"),
        ]
        if expected := self._expected():
            series.append(self._line("按今年进度", expected, "#5b8fc2", "dotted"))
        return json.dumps(
            {
                "animation": False,
                "legend": {"top": 0, "left": 0, "textStyle": _INK},
                "grid": {"left": 8, "right": 16, "top": 32, "bottom": 4, "containLabel": True},
                "xAxis": {
                    "type": "category",
                    "data": [f"{month}月" for month in range(1, _MONTHS + 1)],
                    "boundaryGap": False,
                    "axisLabel": _GREY,
                    "axisTick": {"show": False},
                    "axisLine": {"lineStyle": {"color": "#8694a3"}},
                },
                "yAxis": {
                    "type": "value",
                    "axisLabel": _GREY,
                    "splitLine": {"lineStyle": {"color": "#dce2e9"}},
                },
                "tooltip": {"trigger": "axis", "renderMode": "richText"},
                "series": series,
            },
            ensure_ascii=False,
        )

    def _goal(self) -> list[float | None]:
        goal = self._plot(Fraction(self.figure.target.goal))
        return [goal] * _MONTHS

    def _expected(self) -> list[float | None]:
        forecast, now = self.figure.forecast, self.figure.value
        if forecast is None or now is None:
            return []
        here = len(self.points)
        end = last_day(self.figure.target, 1).month
        months = max(1, end - here)
        found: list[float | None] = [None] * _MONTHS
        for month in range(here, end + 1):
            step = Fraction(month - here, months)
            found[month - 1] = self._plot(now + (forecast.value - now) * step)
        return found

    def _plot(self, value: Fraction | None) -> float | None:
        if value is None:
            return None
        unit = words.YUAN_PER_YI if self.figure.target.measure == "money" else 1
        return round(float(value / unit), 2)

    def _line(
        self, name: str, data: Sequence[float | None], colour: str, style: str
    ) -> dict[str, object]:
        return {
            "name": name,
            "type": "line",
            "data": list(data),
            "symbol": "circle" if style == "solid" else "none",
            "symbolSize": 6,
            "lineStyle": {"color": colour, "width": 2, "type": style},
            "itemStyle": {"color": colour},
        }
