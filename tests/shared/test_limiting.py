"""Nobody keeps a route busy alone: so many times a minute for each account, then a pause."""

import pytest

from shared.limiting import Limits, TooManyRequests


def asked(limits: Limits, times: int, *, who: str = "zezhou", at: float = 0.0) -> int:
    """Ask up to so many times at one moment; give how often it was answered."""
    for done in range(times):
        try:
            limits.count(who, "POST /projects", at)
        except TooManyRequests:
            return done
    return times


def test_a_minutes_worth_may_come_at_once_and_not_one_more() -> None:
    assert asked(Limits(writes_a_minute=30), 31) == 30


def test_the_refusal_says_in_how_many_seconds_one_more_is_answered() -> None:
    limits = Limits(writes_a_minute=30)
    asked(limits, 30)
    with pytest.raises(TooManyRequests, match="请在 2 秒后再试") as refused:
        limits.count("zezhou", "POST /projects", 0.0)
    assert refused.value.more == {"retry_after": 2}
    assert asked(limits, 5, at=1.9) == 0
    assert asked(limits, 5, at=2.0) == 1
    assert asked(limits, 99, at=100.0) == 30


def test_asking_in_vain_makes_nobody_wait_longer() -> None:
    limits = Limits(writes_a_minute=30)
    assert asked(limits, 30) == 30
    for _ in range(100):
        assert asked(limits, 1, at=1.0) == 0
    assert asked(limits, 1, at=2.0) == 1


def test_another_account_and_another_route_have_counts_of_their_own() -> None:
    limits = Limits(writes_a_minute=2)
    assert asked(limits, 9) == 2
    assert asked(limits, 9, who="gaoping") == 2
    limits.count("zezhou", "POST /reviews", 0.0)


def test_reading_and_writing_have_limits_of_their_own_and_none_is_none() -> None:
    limits = Limits(reads_a_minute=1)
    assert asked(limits, 500) == 500
    limits.count("zezhou", "GET /projects", 0.0)
    with pytest.raises(TooManyRequests):
        limits.count("zezhou", "GET /projects", 0.0)


def test_what_costs_more_may_be_asked_less_often() -> None:
    limits = Limits(writes_a_minute=30, especially={"POST /projects": 3})
    assert asked(limits, 9) == 3


def test_strangers_without_number_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.limiting._REMEMBERED", 100)
    limits = Limits(writes_a_minute=5)
    asked(limits, 5, who="first")
    for number in range(300):
        asked(limits, 1, who=f"stranger {number}")
    assert len(limits._left) == 100
