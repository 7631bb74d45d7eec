"""When wrong passwords close an account, told without a database."""

from datetime import UTC, datetime, timedelta

from services.identity.locking import LOCKED_FOR, TRIES, Tries

NOON = datetime(2019, 4, 22, 4, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def wrong(times: int, since: Tries = Tries(), at: datetime = NOON) -> Tries:  # noqa: B008
    for _ in range(times):
        since = since.with_one_more(at)
    return since


def test_nobody_is_locked_before_the_fifth_wrong_password() -> None:
    assert wrong(TRIES - 1).locked_until(NOON) is None
    assert wrong(TRIES - 1).left == 1


def test_the_fifth_wrong_password_locks_for_fifteen_minutes() -> None:
    assert wrong(TRIES).locked_until(NOON) == NOON + timedelta(minutes=15)
    assert wrong(TRIES).left == 0


def test_the_lock_opens_by_itself_at_its_last_instant() -> None:
    assert wrong(TRIES).locked_until(NOON + LOCKED_FOR - INSTANT) is not None
    assert wrong(TRIES).locked_until(NOON + LOCKED_FOR) is None


def test_after_a_lock_counting_begins_anew() -> None:
    assert wrong(1, since=wrong(TRIES), at=NOON + LOCKED_FOR).wrong == 1


def test_wrong_passwords_are_forgotten_after_a_quarter_of_an_hour() -> None:
    assert wrong(1, since=wrong(TRIES - 1), at=NOON + LOCKED_FOR).wrong == 1
    assert wrong(1, since=wrong(TRIES - 1), at=NOON + LOCKED_FOR - INSTANT).wrong == TRIES
