"""Why a level of review, or what is asked of one, is refused."""

from shared.refusals import Refusal


class IncompleteFacts(Refusal):
    """The form lacks a column, or one breaks its rule."""

    code = "incomplete_facts"
    status = 422
    title = "要素不齐或有误"


class HintsToConfirm(Refusal):
    """The form may be reported once the clerk has confirmed what looks unusual."""

    code = "hints_to_confirm"
    title = "有提示待确认"


class AlreadyReported(Refusal):
    """The dossier is under review or decided."""

    code = "already_reported"
    title = "已经报送"


class NotUnderReview(Refusal):
    """The dossier is not where this decision would be taken."""

    code = "not_under_review"
    title = "不在待审之列"


class DecidedOnOldRevision(Refusal):
    """The reviewer looked at another edition than the one that lies there now."""

    code = "decided_on_old_revision"
    title = "所依据的版本已变"


class ReviewedByItsReporter(Refusal):
    """Who reported a project does not review it (报送≠初审≠审核)."""

    code = "reviewed_by_its_reporter"
    title = "不能审核自己报送的项目"


class ReviewedTwiceByOne(Refusal):
    """Who made the first review does not make the final one."""

    code = "reviewed_twice_by_one"
    title = "初审与审核不能是同一人"


class TooLateToWithdraw(Refusal):
    """The city has already looked at it."""

    code = "too_late_to_withdraw"
    title = "不能撤回"


class TakenByAnother(Refusal):
    """A colleague of the same level is at it."""

    code = "taken_by_another"
    title = "已由他人领取"


class HandedToItsReporter(Refusal):
    """Who reported a dossier, or reviewed it first, does not go on with it."""

    code = "handed_to_its_reporter"
    title = "不能转给此人"
