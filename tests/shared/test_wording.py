"""Days in words, as a notice says them."""

from datetime import date
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ValidationError

from shared.free_text import fit
from shared.wording import problems_of, spoken_day


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2019, 4, 25), "4月25日（周四）"),
        (date(2019, 4, 28), "4月28日（周日）"),
        (date(2020, 1, 2), "2020年1月2日（周四）"),
        (date(2018, 12, 31), "2018年12月31日（周一）"),
    ],
)
def test_a_day_is_said_with_its_weekday_and_its_year_where_that_is_another(
    day: date, said: str
) -> None:
    assert spoken_day(day, date(2019, 4, 22)) == said


class _Remark(BaseModel):
    reason: Annotated[str, AfterValidator(fit)]


def test_a_text_that_nobody_may_write_is_refused_with_what_is_wrong_and_the_remedy() -> None:
    with pytest.raises(ValidationError) as refused:
        _Remark.model_validate({"reason": "请拨 0356-2198345"})
    (problem,) = problems_of(refused.value.errors(), {"reason": "理由"})
    assert (problem.field, problem.rule) == ("reason", "unfit_text")
    assert problem.message == "理由里有电话号码。"
    assert problem.remedy == "请删去；这里的文字许多人都看得到。"
