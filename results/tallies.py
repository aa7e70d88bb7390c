"""How candidates answered a version when they saw its question for the first time: called by
`results.digest` alone.

An answer is counted once, when its result is digested: it was displayed, for the first time, in a form that
is complete or in a study session, scored or not, and not under a key that was corrected before it was
digested. A blank is a sight without a choice. Previews have no result and are never counted. Nor are attempts
of people who work on the bank: they know the keys.
"""

from collections.abc import Sequence

from exam_sim.accounts.models import User
from results.answered import Answered
from results.models import Tally


def is_counted(user: User) -> bool:
    """Whoever has or had a role above candidate may enter the administration, and knows keys."""
    return not (user.is_staff or user.is_superuser)


def count(items: Sequence[Answered]) -> None:
    """Add the first sights among `items`, of one attempt that is counted: three statements, none if there is
    no first sight.

    Two at once lose nothing: rows are made and then locked in the order of their versions, by everybody, so
    the second waits for the first and adds to what it left.
    """
    chosen = {
        answer.version_id: answer.item.chosen
        for answer in items
        if answer.displayed and answer.first_sight and not answer.void
    }
    if not chosen:
        return
    versions = sorted(chosen)
    Tally.objects.bulk_create([Tally(version_id=version) for version in versions], ignore_conflicts=True)
    tallies = list(Tally.objects.select_for_update().filter(version__in=versions).order_by("version_id"))
    for tally in tallies:
        tally.sights += 1
        for option in sorted(chosen[tally.version_id]):
            tally.chosen[option] = tally.chosen.get(option, 0) + 1
    Tally.objects.bulk_update(tallies, ["sights", "chosen"])
