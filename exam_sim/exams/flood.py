"""How many posts of answers one person may send: so many that no candidate meets it, and one account alone
cannot keep the site busy.

**The figures.** A page has one request under way at a time and puts what comes meanwhile into the next one.
The fastest that a hand does is a key held down, some 30 events a second, of which a network with 50 ms makes
20 posts a second. `ANSWER_POSTS_PER_SECOND` (20) is what a bucket is filled with; it holds ten seconds of
that, 200, twice what a whole exam takes. So a hand on a key needs twenty seconds or more to be told to wait,
and then loses nothing: the page keeps what it holds, and sends it all at once when the wait is over.

**Its limits.** The buckets are in the memory of each process: a save costs no statement more, and no write
that is not an answer. Somebody who reaches all N processes of a site has N times the rate, and a restart
fills every bucket. It is not a wall against a flood of requests, which the proxy in front has to be; it keeps
one log-in from taking the database from everybody else.
"""

from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from django.conf import settings

from exam_sim.http import TooManyError


class Buckets:
    """One bucket a person, full at first, filled with `rate` a second, holding `size`."""

    def __init__(self, rate: float, size: float, most: int = 10_000) -> None:
        self.rate, self.size, self.most = rate, size, most
        self.held: dict[UUID, tuple[float, float]] = {}
        self.lock = Lock()

    def take(self, person: UUID, now: datetime) -> float:
        """Take one out: 0, or the seconds until there is one again. A clock that was put back fills nothing
        and empties nothing."""
        at = now.timestamp()
        with self.lock:
            left, since = self.held.get(person, (self.size, at))
            left = min(self.size, left + max(0.0, at - since) * self.rate)
            if left < 1:
                return (1 - left) / self.rate
            if person not in self.held and len(self.held) >= self.most:
                self._tidy(at)
            self.held[person] = left - 1, at
        return 0.0

    def _tidy(self, at: float) -> None:
        """Forget who has a full bucket by now; if nobody has, everybody."""
        self.held = {
            person: (left, since)
            for person, (left, since) in self.held.items()
            if left + (at - since) * self.rate < self.size
        }
        if len(self.held) >= self.most:
            self.held.clear()


BURST_SECONDS = 10
_POSTS = Buckets(settings.ANSWER_POSTS_PER_SECOND, BURST_SECONDS * settings.ANSWER_POSTS_PER_SECOND)


def count_post(person: UUID, now: datetime) -> None:
    """Count a post of answers, or raise TooManyError."""
    seconds = _POSTS.take(person, now)
    if seconds:
        raise TooManyError(timedelta(seconds=seconds), "changes")
