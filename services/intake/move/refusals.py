"""Why a move between the pools is refused."""

from shared.refusals import Refusal


class UnderApplication(Refusal):
    """One application at a time: a verdict is about one state of a project."""

    code = "under_application"
    title = "已有申请在办"


class MoveNotOpen(Refusal):
    """The project does not stand where this move begins."""

    code = "move_not_open"
    title = "不能申请这种调库"


class ConditionsMissing(Refusal):
    """What the move needs is not there; each condition is named with its rule."""

    code = "conditions_missing"
    status = 422
    title = "条件不具备"


class NoMoveToWithdraw(Refusal):
    """No application lies where its unit could take it back."""

    code = "no_move_to_withdraw"
    title = "不能撤回"


class JudgedWithOthers(Refusal):
    """A merger concerns another project, which has to be looked at as it stands."""

    code = "judged_with_others"
    title = "须逐件审核"


class OtherNotFree(Refusal):
    """The other project of a merger moved on meanwhile."""

    code = "other_not_free"
    title = "另一个项目现在不能合并"
