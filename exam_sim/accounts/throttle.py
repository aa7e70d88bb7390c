"""Slowing those who guess and those who flood: a small table of counts, one row for each limited thing.

A `Limit` says how many charges a window takes. The charge that fills it starts a wait; each further one,
after the wait is over, starts the next longer. Nothing is charged during a wait, so that whoever is impatient
does not wait longer for it. When a wait has been over for the limit's `memory`, counting begins anew.

**Guessing a password.** An attempt to log in is charged to its account and to its address *before* the
password is looked at, in one statement, which the row locks put in order: however many attempts come at once,
the fifth is the last whose password is hashed, and a flood costs the server no hash at all. A log-in that
succeeds clears the account and takes the charge on the address back, with the wait that it began: the row is
as if it had not been, so that it neither hinders others nor helps whoever guesses between log-ins of their
own. During a wait the right password is refused as the
wrong one is: were it not, the wait would hinder nobody who guesses. The way past it is a password-reset mail,
which proves more than a password does (`vouch`). An account that does not exist is counted like any other, so
that neither the limit nor the time it takes tells which exist.

Accounts and addresses stand in the table as keyed hashes: it holds no personal data, and a password typed
into the field for the address is not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Case, F, Max, Q, Value, When
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from exam_sim.accounts.models import Throttle, fold_email
from exam_sim.http import TooManyError

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
DOUBLING = tuple(minutes * MINUTE for minutes in (1, 2, 4, 8, 15))
KEPT = timedelta(days=1)
"""Longer than any window, wait and memory together: a row that stood still for so long says nothing."""

VOUCHED = "vouched_for"


@dataclass(frozen=True, slots=True)
class Limit:
    """`allowed` charges in `window`, then `waits`, one after the other, the last one for ever."""

    name: str
    allowed: int
    window: timedelta = QUARTER
    waits: tuple[timedelta, ...] = (QUARTER,)
    memory: timedelta = timedelta()
    by_address: bool = False

    def of(self, value: str) -> "Count":
        digest = salted_hmac("exam_sim.accounts.throttle", value, algorithm="sha256").hexdigest()
        allowed = self.allowed * (settings.ADDRESS_LIMIT_FACTOR if self.by_address else 1)
        return Count(self, f"{self.name}:{digest[:40]}", allowed)


@dataclass(frozen=True, slots=True)
class Count:
    """A limit for one account, address or person; `key` is that of its row."""

    limit: Limit
    key: str
    allowed: int


# Five wrong passwords are more than a slip, twenty from one address more than a family's evening.
LOGIN_ACCOUNT = Limit("login-account", 5, waits=DOUBLING, memory=QUARTER)
LOGIN_ADDRESS = Limit("login-address", 20, waits=DOUBLING, memory=QUARTER, by_address=True)
# The password that is asked of somebody who is logged in. Apart, so that no stranger can use it up.
PASSWORD = Limit("password", 5, waits=DOUBLING, memory=QUARTER)
# A mail is asked for once, and once more when it does not come.
RESET_ACCOUNT = Limit("reset-account", 3, window=60 * MINUTE, waits=(60 * MINUTE,))
RESET_ADDRESS = Limit("reset-address", 20, window=60 * MINUTE, by_address=True)
# Forms sent, slips and all: an account takes three, so thirty are ten people in a quarter of an hour.
SIGN_UP = Limit("sign-up", 30, by_address=True)
# One click makes one guest, and a browser that has one makes no other.
GUEST = Limit("guest", 60, by_address=True)


def charge(counts: Sequence[Count], now: datetime) -> None:
    """Charge all of `counts`, or raise TooManyError when one of them is waiting.

    In the order given, which has to be the same for all who charge two of them. When one begins to wait in
    this very moment another may be charged all the same: by one too many, never by one too few.
    """
    with connection.cursor() as cursor:
        cursor.execute(_charging(counts), _parameters(counts, now))
        taken = len(cursor.fetchall())
    if taken < len(counts):
        waiting = Throttle.objects.filter(key__in=[count.key for count in counts], until__gt=now)
        until = waiting.aggregate(until=Max("until"))["until"]
        raise TooManyError(until - now if until else timedelta(seconds=1))


def forget(count: Count) -> None:
    Throttle.objects.filter(key=count.key).delete()


def give_back(count: Count, charged_at: datetime) -> None:
    """Take back the charge of `charged_at`, and the wait that it may have begun: none is left, or the one
    before it, which was over. A wait that another charge began stays, unless its number falls short now."""
    ends = When(count__lte=count.allowed, then=Value(None))
    begun = When(until__in=[charged_at + wait for wait in count.limit.waits], then=F("since"))
    Throttle.objects.filter(key=count.key, count__gt=0).update(
        count=F("count") - 1, until=Case(ends, begun, default=F("until"))
    )


def remove_old(now: datetime) -> int:
    limit = now - KEPT
    still = Q(until__isnull=True) | Q(until__lt=limit)
    return Throttle.objects.filter(still, since__lt=limit).delete()[0]


def account(email: str) -> Count:
    return LOGIN_ACCOUNT.of(fold_email(email))


def vouch(request: HttpRequest, email: str) -> None:
    """Whoever has set a password by a mailed link is let in past every wait: once, in this browser, and to
    this account alone."""
    count = account(email)
    forget(count)
    request.session[VOUCHED] = count.key


def is_vouched(request: HttpRequest, count: Count) -> bool:
    if request.session.get(VOUCHED) != count.key:
        return False
    del request.session[VOUCHED]
    return True


def _charging(counts: Sequence[Count]) -> str:
    """One row for each count, unless one of them is waiting; an existing row counts on, or anew. Returns the
    keys that were charged. What is written into the text are numbers of this module alone."""
    rows = " UNION ALL ".join(
        f"SELECT CAST(%(key_{i})s AS varchar(64)), 1, %(now)s, CAST(NULL AS timestamptz)"
        for i in range(len(counts))
    )
    keys = ", ".join(f"%(key_{i})s" for i in range(len(counts)))
    row = Throttle._meta.db_table
    number, since, until = (_by_key(row, [part(row, i, c) for i, c in enumerate(counts)]) for part in _PARTS)
    return (
        f'INSERT INTO {row} ("key", "count", since, until) SELECT * FROM ({rows}) AS charges'  # noqa: S608
        f' WHERE NOT EXISTS (SELECT 1 FROM {row} WHERE "key" IN ({keys}) AND until > %(now)s)'
        f' ON CONFLICT ("key") DO UPDATE SET "count" = {number}, since = {since}, until = {until}'
        f" WHERE {row}.until IS NULL OR {row}.until <= %(now)s"
        ' RETURNING "key"'
    )


def _parameters(counts: Sequence[Count], now: datetime) -> dict[str, str | None]:
    times = {"now": now}
    for i, count in enumerate(counts):
        times[f"window_{i}"] = now - count.limit.window
        times[f"memory_{i}"] = now - count.limit.memory
        times |= {f"wait_{i}_{step}": now + wait for step, wait in enumerate(count.limit.waits)}
    adapted = {name: connection.ops.adapt_datetimefield_value(at) for name, at in times.items()}
    return adapted | {f"key_{i}": count.key for i, count in enumerate(counts)}


def _by_key(row: str, expressions: Sequence[str]) -> str:
    cases = " ".join(f"WHEN %(key_{i})s THEN {text}" for i, text in enumerate(expressions))
    return f'CASE {row}."key" {cases} END'


def _is_over(row: str, i: int) -> str:
    return f"({row}.until IS NULL AND {row}.since <= %(window_{i})s) OR {row}.until <= %(memory_{i})s"


def _number(row: str, i: int, count: Count) -> str:
    return f'CASE WHEN {_is_over(row, i)} THEN 1 ELSE {row}."count" + 1 END'


def _since(row: str, i: int, count: Count) -> str:
    """When counting began; after the first wait, when the one before this ended."""
    return f"CASE WHEN {_is_over(row, i)} THEN excluded.since ELSE COALESCE({row}.until, {row}.since) END"


def _until(row: str, i: int, count: Count) -> str:
    """By how many charges stood there before this one."""
    last = len(count.limit.waits) - 1
    steps = [
        f'WHEN {row}."count" {">=" if step == last else "="} {number} THEN %(wait_{i}_{step})s'
        for step, number in enumerate(range(count.allowed - 1, count.allowed + last))
    ]
    return f"CASE WHEN {_is_over(row, i)} THEN NULL {' '.join(steps)} END"


_PARTS = (_number, _since, _until)
