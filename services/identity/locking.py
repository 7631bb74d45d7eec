"""How many wrong passwords in a row close an account, and for how long (system default)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Tries:
    """The wrong passwords in a row for one user name, and when the last of them came."""

    wrong: int = 0
    last_at: datetime | None = None

    def locked_until(self, now: datetime) -> datetime | None:
        """Give the end of the lock, or None while another try is allowed."""
        if self.last_at is None or self.wrong < TRIES or self._forgotten(now):
            return None
        return self.last_at + LOCKED_FOR

    def with_one_more(self, now: datetime) -> "Tries":
        """Give what is remembered after one more wrong password."""
        return Tries(1 if self._forgotten(now) else self.wrong + 1, now)

    @property
    def left(self) -> int:
        """Tell how many wrong passwords are still answered before the account closes."""
        return max(0, TRIES - self.wrong)

    def _forgotten(self, now: datetime) -> bool:
        return self.last_at is None or now >= self.last_at + LOCKED_FOR
