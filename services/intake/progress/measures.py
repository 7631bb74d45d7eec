"""What months and works are measured by: the rows of the policy of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Milestone:
    """A row of the policy: its weight is its share of the whole, in percent."""

    code: str
    name: str
    weight: int


@dataclass(frozen=True)
class ReportRules:
    """What a report is checked with: the milestones and thresholds of the day."""

    milestones: tuple[Milestone, ...]
    longest_text: int
    most_problems: int
    month_percent_of_total: int
    month_yuan: int
    other_percent_of_month: int

    def name_of(self, code: str) -> str:
        """Give what a milestone is called."""
        return next((one.name for one in self.milestones if one.code == code), code)


@dataclass(frozen=True)
class WorkRules:
    """For each fact about the works, of which papers at least one has to be there."""

    papers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def physical_percent(milestones: Mapping[str, int], rules: ReportRules) -> int:
    """Give the physical progress (形象进度): the milestones by their weights, in whole percent."""
    return sum(milestones.get(one.code, 0) * one.weight for one in rules.milestones) // 100
