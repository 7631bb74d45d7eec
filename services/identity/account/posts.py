"""Posts: a role in a unit for some days, and which post may follow which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from contracts.reference import roles
from contracts.reference.codes import is_credit_code
from services.identity.account.commands import Side, Wanted
from shared.refusals import Refusal

COMPANY_ROLE = "enterprise"


@dataclass(frozen=True)
class Post:
    """A role in a unit, from its first day to its last, or for as long as nobody says otherwise."""

    role: str
    organisation_id: str
    valid_from: date
    valid_to: date | None = None
    uscc: str | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the post is held on a day; the last day counts."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def holds_after(self, day: date) -> bool:
        """Tell whether the post is held on this day or on a later one."""
        return self.valid_to is None or day <= self.valid_to


class NoSuchRole(Refusal):
    """No account has a role that does not exist on its first day."""

    code = "no_such_role"
    title = "没有这个角色"


class NoSuchOrganisation(Refusal):
    """The unit does not exist on the first day of the post."""

    code = "no_such_organisation"
    title = "没有这个机构"


class EndsBeforeItBegins(Refusal):
    """The last day of a post lies before its first."""

    code = "ends_before_it_begins"
    title = "任职日期不对"


class PostNotLater(Refusal):
    """A post begins after the one before it began."""

    code = "post_not_later"
    title = "任职日期不对"


class CompanyCodeWrong(Refusal):
    """An enterprise's account is checked against the enterprise's 统一社会信用代码."""

    code = "company_code_wrong"
    title = "统一社会信用代码不对"


class FillsAndApproves(Refusal):
    """Who filled in for a unit does not approve in it, nor the other way round."""

    code = "fills_and_approves"
    title = "填报人≠审核人"


def refuse_unfit(wanted: Wanted, before: Sequence[Post]) -> None:
    """Refuse a post that nobody may have, or that does not follow the ones before it."""
    if wanted.side is None:
        raise NoSuchRole(f"{wanted.valid_from} 没有角色“{wanted.role}”。请在角色表中选择。")
    if not wanted.stands:
        raise NoSuchOrganisation(
            f"{wanted.valid_from} 没有机构“{wanted.organisation_id}”。请核对编号和生效日期。"
        )
    if wanted.valid_to is not None and wanted.valid_to < wanted.valid_from:
        raise EndsBeforeItBegins("任职的最后一日早于第一日，请核对。")
    if before and wanted.valid_from <= before[-1].valid_from:
        raise PostNotLater(
            f"现任职自 {before[-1].valid_from} 起，新任职须晚于这一天。"
            "以前的任职不改写，填错的请另开账号。"
        )
    if wanted.role == COMPANY_ROLE and not (wanted.uscc and is_credit_code(wanted.uscc)):
        raise CompanyCodeWrong(
            "企业账号须凭统一社会信用代码开通，18 位（不含字母 I、O、S、V、Z），末位校验须通过。"
            "请按营业执照核对。"
        )
    _refuse_both_sides(wanted, before)


def _refuse_both_sides(wanted: Wanted, before: Sequence[Post]) -> None:
    for post in before:
        if post.organisation_id == wanted.organisation_id and opposed(
            side_of(post.role), wanted.side
        ):
            raise FillsAndApproves(
                "这个账号在同一单位已有填报或审核的任职，同一账号不能先填报后审核，也不能先审核后填报。"
                "请另开账号。"
            )


def opposed(one: Side | None, other: Side | None) -> bool:
    """Tell whether one fills in what the other approves."""
    return {one, other} == {"fills", "approves"}


def side_of(role: str) -> Side | None:
    """Give what a role does, None where there is no such role."""
    return next((known.side for known in roles() if known.code == role), None)


def succeeded_by(posts: tuple[Post, ...], new: Post) -> tuple[Post, ...]:
    """Give the posts with a new one, on whose eve the one before ends at the latest."""
    *earlier, last = posts
    eve = new.valid_from - timedelta(days=1)
    ends = eve if last.valid_to is None else min(last.valid_to, eve)
    return (*earlier, replace(last, valid_to=ends), new)
