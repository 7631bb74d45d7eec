"""What identity says no to. None of the sentences tells whether an account exists."""

from shared.refusals import Refusal


class WrongCredentials(Refusal):
    """The user name or the password is wrong; which of them is not said."""

    code = "wrong_credentials"
    status = 401
    title = "登录没有成功"


class AccountLocked(Refusal):
    """Too many wrong tries for this user name; it opens again by itself."""

    code = "account_locked"
    status = 429
    title = "暂停登录"


class NotASubstitute(Refusal):
    """Nobody acts for another without being his substitute on that day."""

    code = "not_a_substitute"
    status = 403
    title = "今天不能代理"


class PasswordMustBeChanged(Refusal):
    """A one-time password opens nothing but the way to a password of one's own."""

    code = "password_must_be_changed"
    status = 403
    title = "请先设新密码"


class OneTimePasswordOver(Refusal):
    """A one-time password was not used in time."""

    code = "one_time_password_over"
    status = 401
    title = "一次性密码已过期"
