"""Assembly over banks in memory: the hard rules in every form, the soft wishes where they can be kept."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_sim.exams import assembly, drafting
from exam_sim.exams.assembly import Blueprint, Form, ShortBankError, Stock
from exam_sim.exams.drafting import Candidate, Places, PoolSize, Shortage

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
WEIGHTS = {"1": 20, "2": 24, "3": 36, "4": 20}
STATEMENTS = {"1": 3, "2": 3, "3": 5, "4": 4}


def mls_places(scored: int = 65, unscored: int = 0) -> list[Places]:
    by_scored = assembly.apportion(scored, WEIGHTS)
    by_unscored = assembly.apportion(unscored, WEIGHTS)
    return [
        Places(
            domain,
            f"Domain {domain}",
            tuple(f"{domain}.{number}" for number in range(1, count + 1)),
            by_scored[domain],
            by_unscored[domain],
        )
        for domain, count in STATEMENTS.items()
    ]


@dataclass
class Bank:
    """Questions by pool; the rank of a question is its index there."""

    pools: dict[tuple[str, bool], list[Candidate]] = field(default_factory=dict)

    def add(self, task_statement: str, number: int, trial: bool = False, **fields: object) -> None:
        pool = self.pools.setdefault((task_statement, trial), [])
        for _ in range(number):
            key = sum(map(len, self.pools.values())) + 1
            pool.append(
                Candidate(
                    question=UUID(int=key),
                    name=f"q{key}",
                    domain=task_statement[0],
                    task_statement=task_statement,
                    trial=trial,
                    multiple=bool(fields.get("multiple", key % 8 == 0)),
                    level=int(str(fields.get("level", 1 + key % 3))),
                    testing_point=str(fields.get("testing_point", key)),
                    enemies=frozenset(map(str, fields.get("enemies", ()))),  # type: ignore[call-overload]
                )
            )

    def all(self) -> list[Candidate]:
        return [candidate for pool in self.pools.values() for candidate in pool]

    def sizes(self) -> list[PoolSize]:
        return [
            PoolSize(
                index,
                statement[0],
                statement,
                trial,
                len(pool),
                sum(c.multiple for c in pool),
                (
                    sum(c.level == 1 for c in pool),
                    sum(c.level == 2 for c in pool),
                    sum(c.level == 3 for c in pool),
                ),
            )
            for index, ((statement, trial), pool) in enumerate(self.pools.items())
        ]

    def form(self, places: Sequence[Places], seed: int, seen: dict[UUID, dt.datetime] | None = None) -> Form:
        """What a start does without a reserve: draw ranks, read those questions, choose."""
        seen = seen or {}
        return assembly.assemble(
            self.blueprint(places), self.set_aside(seen), self.reader(seen), Random(seed)
        )

    def blueprint(self, places: Sequence[Places]) -> Blueprint:
        return Blueprint(tuple(places), tuple(self.sizes()))

    def set_aside(self, questions: Collection[UUID]) -> dict[int, int]:
        """By pool, how many of these questions it has."""
        pools = self.pools.values()
        return {index: sum(c.question in questions for c in pool) for index, pool in enumerate(pools)}

    def reader(
        self,
        seen: Mapping[UUID, dt.datetime],
        hidden: Collection[UUID] = (),
        reserved: Collection[UUID] = (),
    ) -> assembly.Read:
        pools = list(self.pools.values())

        def read(drawn: assembly.Ranks) -> list[Candidate]:
            return [
                replace(c, last_seen=seen.get(c.question), pool=index, reserved=c.question in reserved)
                for index, pool in enumerate(pools)
                for rank, c in enumerate(pool)
                if c.question not in hidden and (rank in drawn.get(index, ()) or c.question in reserved)
            ]

        return read


def mls_bank(per_statement: int) -> Bank:
    bank = Bank()
    for domain, count in STATEMENTS.items():
        for number in range(1, count + 1):
            bank.add(f"{domain}.{number}", per_statement)
    return bank


def assert_hard_rules(form: Form, places: Sequence[Places]) -> None:
    wanted = {p.domain: (p.scored, p.unscored) for p in places}
    scored = Counter(c.domain for c in form.scored)
    unscored = Counter(c.domain for c in form.unscored)
    assert {domain: (scored[domain], unscored[domain]) for domain in wanted} == wanted
    chosen = [*form.scored, *form.unscored]
    assert len({c.question for c in chosen}) == len(chosen)
    assert len({c.testing_point for c in chosen}) == len(chosen)
    assert [
        (a.name, b.name) for a, b in combinations(chosen, 2) if b.name in a.enemies or a.name in b.enemies
    ] == []
    assert [c.name for c in form.scored if c.trial] == []


@pytest.mark.parametrize(
    ("places", "counts"),
    [
        (65, [13, 16, 23, 13]),
        (50, [10, 12, 18, 10]),
        (15, [3, 4, 5, 3]),
        (1, [0, 0, 1, 0]),
        (0, [0, 0, 0, 0]),
    ],
)
def test_places_are_shared_out_by_largest_remainder(places: int, counts: list[int]) -> None:
    assert list(assembly.apportion(places, WEIGHTS).values()) == counts


@given(places=st.integers(0, 300), weights=st.lists(st.integers(1, 100), min_size=1, max_size=9))
def test_apportionment_gives_every_domain_its_quota_within_one(places: int, weights: list[int]) -> None:
    named = {str(index): weight for index, weight in enumerate(weights)}
    counts = assembly.apportion(places, named)
    assert sum(counts.values()) == places
    assert all(
        abs(counts[name] * sum(weights) - places * weight) < sum(weights) for name, weight in named.items()
    )


def uneven_bank(seed: int, conflicts: bool) -> tuple[Bank, Random]:
    """Pools of 0 to 30 and trial items by chance; with `conflicts`, shared testing points and enemies too."""
    rng = Random(seed)
    bank = Bank()
    generous = seed % 4 != 0
    for domain, count in STATEMENTS.items():
        for number in range(1, count + 1):
            statement = f"{domain}.{number}"
            bank.add(statement, rng.randint(6, 30) if generous else rng.randint(0, 8))
            bank.add(statement, rng.randint(0, 4), trial=True)
    for pool in bank.pools.values() if conflicts else ():
        for index, candidate in enumerate(pool):
            if rng.random() < 0.06:
                others = rng.sample(bank.all(), 2)
                pool[index] = replace(
                    candidate, enemies=frozenset(o.name for o in others if o is not candidate)
                )
            elif rng.random() < 0.04:
                pool[index] = replace(candidate, testing_point=rng.choice(bank.all()).testing_point)
    return bank, rng


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_forms_from_twenty_uneven_banks_keep_the_hard_rules(seed: int) -> None:
    conflicts = seed % 2 == 0
    bank, rng = uneven_bank(seed, conflicts)
    everything = bank.all()
    for round_ in range(50):
        places = mls_places(50, 15) if round_ % 2 else mls_places()
        seen = {
            c.question: EPOCH + dt.timedelta(days=rng.randint(0, 5))
            for c in rng.sample(everything, rng.randint(0, len(everything)))
        }
        try:
            form = bank.form(places, seed * 1000 + round_, seen)
        except ShortBankError as short:
            assert_really_short(bank, places, short)
        else:
            assert_hard_rules(form, places)
            if not conflicts:
                assert_unseen_first(bank, form, seen)


def assert_really_short(bank: Bank, places: Sequence[Places], short: ShortBankError) -> None:
    """A refusal names domains that cannot be filled: with their conflicts counted at their very worst."""
    for shortage in short.shortages:
        domain = next(p for p in places if p.domain == shortage.domain)
        published = [c for c in bank.all() if c.domain == domain.domain and not c.trial]
        trial = [c for c in bank.all() if c.domain == domain.domain and c.trial] if domain.unscored else []
        usable = len(published) + min(len(trial), domain.unscored)
        conflicted = sum(
            bool(c.enemies)
            or sum(c.testing_point == o.testing_point or c.name in o.enemies for o in bank.all()) > 1
            for c in (*published, *trial)
        )
        assert 1 <= shortage.missing <= domain.scored + domain.unscored
        assert usable - conflicted < domain.scored + domain.unscored


def assert_unseen_first(bank: Bank, form: Form, seen: dict[UUID, dt.datetime]) -> None:
    """A domain that serves a published repeat serves all its unseen published questions; among repeats, those
    seen longest ago."""
    chosen = {c.question for c in (*form.scored, *form.unscored)}
    for domain in STATEMENTS:
        published = [c.question for c in bank.all() if c.domain == domain and not c.trial]
        repeats = [seen[question] for question in published if question in chosen & seen.keys()]
        left = [seen.get(question) for question in published if question not in chosen]
        assert not (repeats and None in left)
        assert not repeats or max(repeats) <= min((at for at in left if at is not None), default=max(repeats))


def test_a_short_bank_names_each_short_domain_and_by_how_many() -> None:
    bank = mls_bank(4)
    with pytest.raises(ShortBankError) as short:
        bank.form(mls_places(), 1)
    assert short.value.shortages == (
        Shortage("1", "Domain 1", 1),
        Shortage("2", "Domain 2", 4),
        Shortage("3", "Domain 3", 3),
    )
    assert str(short.value) == (
        "The bank is short: "
        "Domain 1 lacks 1 question; Domain 2 lacks 4 questions; Domain 3 lacks 3 questions."
    )


def test_trial_questions_fill_unscored_places_first_and_never_scored_ones() -> None:
    bank = mls_bank(6)
    bank.add("1.1", 2, trial=True)
    form = bank.form(mls_places(50, 15), 3)
    assert [c.trial for c in form.scored if c.domain == "1"] == [False] * 10
    assert sorted(c.trial for c in form.unscored if c.domain == "1") == [False, True, True]


def test_enemies_that_block_each_other_are_sorted_out_before_a_refusal() -> None:
    """One question is the enemy of four others: a form of four exists, but not with that one in it."""
    bank = Bank()
    bank.add("1.1", 1, enemies=["q2", "q3", "q4", "q5"])
    bank.add("1.1", 4)
    places = [Places("1", "Domain 1", ("1.1",), 4)]
    for seed in range(30):
        assert sorted(c.name for c in bank.form(places, seed).scored) == ["q2", "q3", "q4", "q5"]


def lone(
    number: int, statement: str, enemies: Sequence[int] = (), seen: dt.datetime | None = None
) -> Candidate:
    names = frozenset(f"q{enemy}" for enemy in enemies)
    return Candidate(
        UUID(int=number), f"q{number}", statement[0], statement, False, False, 2, str(number), names, seen
    )


@pytest.mark.parametrize(
    ("scored", "candidates"),
    [
        # The unseen question of the first domain is the enemy of the only question of the second.
        ((1, 1), [lone(1, "1.1", seen=EPOCH), lone(2, "1.1", enemies=[3]), lone(3, "2.1")]),
        # The same for a question that an even spread asks for.
        ((1, 1), [lone(1, "1.1"), lone(2, "1.2", enemies=[3]), lone(3, "2.1")]),
        (
            (16, 13),
            [
                *(lone(number, "1.1" if number % 2 else "1.2", seen=EPOCH) for number in range(1, 21)),
                lone(21, "1.1", enemies=[31]),
                lone(22, "1.2", enemies=[32]),
                *(lone(number, "2.1") for number in range(31, 44)),
            ],
        ),
    ],
)
def test_a_soft_wish_never_makes_a_form_impossible(
    scored: tuple[int, int], candidates: list[Candidate]
) -> None:
    bank = Bank()
    for candidate in candidates:
        bank.pools.setdefault((candidate.task_statement, False), []).append(candidate)
    places = [
        Places("1", "Domain 1", ("1.1", "1.2"), scored[0]),
        Places("2", "Domain 2", ("2.1",), scored[1]),
    ]
    seen = {c.question: c.last_seen for c in candidates if c.last_seen}
    for seed in range(100):
        assert_hard_rules(bank.form(places, seed, seen), places)


def test_task_statements_share_a_domain_evenly_and_the_extra_one_goes_where_most_is_left() -> None:
    bank = Bank()
    bank.add("1.1", 5)
    bank.add("1.2", 9)
    bank.add("1.3", 5)
    places = [Places("1", "Domain 1", ("1.1", "1.2", "1.3"), 13)]
    for seed in range(20):
        form = bank.form(places, seed)
        assert Counter(c.task_statement for c in form.scored) == {"1.1": 4, "1.2": 5, "1.3": 4}
        assert form.wishes == ()


def test_a_form_that_cannot_keep_a_wish_says_which_and_why() -> None:
    bank = Bank()
    bank.add("1.1", 10, multiple=False, level=2)
    bank.add("1.2", 2, multiple=False, level=2)
    places = [Places("1", "Domain 1", ("1.1", "1.2"), 8)]
    seen = {c.question: EPOCH for c in bank.pools["1.1", False][:9]}
    assert bank.form(places, 5, seen).wishes == (
        "Domain 1: 5 of 8 seen before, too few unseen ones were left.",
        "Domain 1: not evenly spread (1.1: 6, 1.2: 2), unseen questions were not left in each.",
    )


def test_repeats_are_those_seen_longest_ago() -> None:
    bank = Bank()
    bank.add("1.1", 20)
    places = [Places("1", "Domain 1", ("1.1",), 8)]
    questions = [c.question for c in bank.all()]
    seen = {question: EPOCH + dt.timedelta(days=index) for index, question in enumerate(questions[:16])}
    form = bank.form(places, 11, seen)
    assert {c.question for c in form.scored} == {*questions[16:], *questions[:4]}


@pytest.mark.parametrize("seed", range(40))
def test_a_form_keeps_the_shares_of_the_bank_where_it_can(seed: int) -> None:
    bank = mls_bank(12)
    form = bank.form(mls_places(), seed)
    share = sum(c.multiple for c in bank.all()) / len(bank.all())
    assert abs(sum(c.multiple for c in form.scored) - 65 * share) <= drafting.MULTIPLE_TOLERANCE
    for level in (1, 2, 3):
        share = sum(c.level == level for c in bank.all()) / len(bank.all())
        assert abs(sum(c.level == level for c in form.scored) - 65 * share) <= drafting.LEVEL_TOLERANCE
    assert form.wishes == ()


def test_every_question_gets_its_fair_share_and_no_pair_sticks_together() -> None:
    """2,000 fresh candidates: 0.5 to 2 times a fair share each, no pair together 3 times as often as
    chance."""
    bank = mls_bank(22)
    places = mls_places()
    served: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    per_statement: Counter[str] = Counter()
    for seed in range(2000):
        chosen = sorted(bank.form(places, seed).scored, key=lambda c: c.name)
        served.update(c.name for c in chosen)
        per_statement.update(c.task_statement for c in chosen)
        pairs.update(combinations((c.name for c in chosen), 2))
    fair = {c.name: per_statement[c.task_statement] / 22 for c in bank.all()}
    assert [name for name, share in fair.items() if not 0.5 * share <= served[name] <= 2 * share] == []
    assert [(a, b) for (a, b), count in pairs.items() if count > 3 * served[a] * served[b] / 2000] == []


@pytest.mark.parametrize("per_statement", [30, 300, 3000])
def test_the_questions_read_do_not_grow_with_the_bank(per_statement: int) -> None:
    places = mls_places()
    sizes = [
        PoolSize(index, statement[0], statement, False, per_statement)
        for index, statement in enumerate(statement for p in places for statement in p.task_statements)
    ]
    seen = {0: 7, 5: 20}
    drawn = assembly.sample(Blueprint(tuple(places), tuple(sizes)).needs, sizes, seen, Random(1))
    history = 7 + min(20, per_statement - 16)
    assert sum(map(len, drawn.values())) == 13 * 3 + 16 * 3 + 23 * 5 + 13 * 4 + history


# The reserve


def both(bank: Bank, seed: int, *, sits: bool = False) -> tuple[Form, Form]:
    """A full mock exam, or the rehearsal that `sits` it, and the reserve for a rehearsal of 50 and 15."""
    rehearsal = bank.blueprint(mls_places(50, 15))
    form = rehearsal if sits else bank.blueprint(mls_places())
    return assembly.assemble_both(form, rehearsal.of_reserve, {}, bank.reader({}), Random(seed), sits=sits)


@pytest.mark.parametrize("seed", range(20))
def test_a_form_and_the_reserve_of_one_reading_keep_the_hard_rules_and_share_nothing(seed: int) -> None:
    bank = mls_bank(12)
    bank.add("1.1", 3, trial=True)
    form, reserve = both(bank, seed)
    assert_hard_rules(form, mls_places())
    assert_hard_rules(reserve, bank.blueprint(mls_places(50, 15)).of_reserve.places)
    assert [c.name for c in reserve.scored if c.trial] == []
    assert {c.question for c in form.scored} & {c.question for c in reserve.scored} == set()
    assert (form.wishes, reserve.wishes) == ((), ())


def test_a_rehearsal_that_draws_the_reserve_sits_it() -> None:
    bank = mls_bank(12)
    bank.add("1.1", 3, trial=True)
    form, reserve = both(bank, 3, sits=True)
    assert {c.question for c in (*form.scored, *form.unscored)} == {c.question for c in reserve.scored}
    assert_hard_rules(form, mls_places(50, 15))


def test_a_form_that_finds_no_room_beside_the_reserve_is_refused() -> None:
    with pytest.raises(ShortBankError):
        both(mls_bank(6), 1)


def test_every_question_gets_its_fair_share_of_forms_and_of_reserves() -> None:
    """1,000 fresh candidates: 0.5 to 2 times a fair share of either."""
    bank = mls_bank(22)
    forms: Counter[str] = Counter()
    reserves: Counter[str] = Counter()
    for seed in range(1000):
        form, reserve = both(bank, seed)
        forms.update(c.name for c in form.scored)
        reserves.update(c.name for c in reserve.scored)
    for served in (forms, reserves):
        per_statement: Counter[str] = Counter()
        for candidate in bank.all():
            per_statement[candidate.task_statement] += served[candidate.name]
        fair = {c.name: per_statement[c.task_statement] / 22 for c in bank.all()}
        assert [name for name, share in fair.items() if not 0.5 * share <= served[name] <= 2 * share] == []


@given(seed=st.integers(0, 10_000), per_statement=st.integers(11, 14), history=st.integers(0, 150))
def test_the_reserve_is_the_first_tier_of_its_form_and_of_no_other(
    seed: int, per_statement: int, history: int
) -> None:
    """Whatever was seen: a form to which the reserve is hidden has nothing of it, its own is made of it."""
    bank = mls_bank(per_statement)
    _, drawn = both(bank, seed)
    kept = {c.question for c in drawn.scored}
    rng = Random(seed)
    seen = {c.question: EPOCH for c in rng.sample(bank.all(), min(history, 15 * per_statement))}
    set_aside = bank.set_aside(seen.keys() | kept)
    places = bank.blueprint(mls_places())
    form = assembly.assemble(places, set_aside, bank.reader(seen, hidden=kept), rng)
    assert_hard_rules(form, mls_places())
    assert {c.question for c in form.scored} & kept == set()
    for domain in STATEMENTS:
        left = [c for c in bank.all() if c.domain == domain and c.question not in kept]
        unseen = sum(c.question not in seen for c in left)
        taken = [c for c in form.scored if c.domain == domain]
        assert sum(c.last_seen is None for c in taken) == min(unseen, len(taken))
    rehearsal = bank.blueprint(mls_places(50, 15))
    own = assembly.assemble(rehearsal, set_aside, bank.reader(seen, reserved=kept), rng)
    assert {c.question for c in (*own.scored, *own.unscored)} == kept


def test_a_reserved_question_that_was_seen_still_comes_before_an_unseen_one() -> None:
    bank = Bank()
    bank.add("1.1", 10)
    kept = {c.question for c in bank.all()[:4]}
    places = bank.blueprint([Places("1", "Domain 1", ("1.1",), 3, 2)])
    read = bank.reader(dict.fromkeys(kept, EPOCH), reserved=kept)
    for seed in range(20):
        form = assembly.assemble(places, bank.set_aside(kept), read, Random(seed))
        chosen = {c.question for c in (*form.scored, *form.unscored)}
        assert (len(chosen), chosen & kept) == (5, kept)
        assert form.wishes == ("Domain 1: 4 of 5 seen before, too few unseen ones were left.",)


def test_what_a_first_start_reads_does_not_grow_with_the_bank() -> None:
    for per_statement in (300, 3000):
        bank = mls_bank(per_statement)
        rows: list[int] = []

        def read(drawn: assembly.Ranks, bank: Bank = bank, rows: list[int] = rows) -> list[Candidate]:
            rows.append(sum(map(len, drawn.values())))
            return list(bank.reader({})(drawn))

        rehearsal = bank.blueprint(mls_places(50, 15))
        assembly.assemble_both(bank.blueprint(mls_places()), rehearsal.of_reserve, {}, read, Random(1))
        assert rows == [2 * (13 * 3 + 16 * 3 + 23 * 5 + 13 * 4)]


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        ({}, "Domain 1 lacks 2 questions"),
        ({"1": 1}, "Domain 1 lacks 2 questions"),
        ({"1": 2}, "Domain 1 lacks 2 questions (2 are kept for your dress rehearsal)"),
        ({"1": 13, "2": 9}, "Domain 1 lacks 2 questions (13 are kept for your dress rehearsal)"),
    ],
)
def test_a_refusal_names_the_reserve_where_it_is_the_only_reason(kept: dict[str, int], sentence: str) -> None:
    short = ShortBankError([Shortage("1", "Domain 1", 2)]).keeping(kept)
    assert str(short) == f"The bank is short: {sentence}."


@pytest.mark.parametrize(
    ("stock", "repeats"),
    [
        (Stock(unseen=10), 0),
        (Stock(unseen=7), 3),
        (Stock(), 10),
        (Stock(reserved=10), 0),
        (Stock(reserved=10, reserved_seen=4, unseen=10), 4),
        (Stock(reserved=8, unseen=1), 1),
        (Stock(reserved=8, unseen=10), 0),
        (Stock(reserved=9, trial=3, trial_unseen=3), 0),
        (Stock(reserved=9, trial=3, trial_unseen=0, unseen=9), 1),
        (Stock(unseen=8, trial=1, trial_unseen=1), 1),
        (Stock(unseen=8, trial=5, trial_unseen=5), 0),
        (Stock(unseen=7, trial=5, trial_unseen=5), 1),
    ],
)
def test_repeats_are_told_from_counts(stock: Stock, repeats: int) -> None:
    """Eight places that count, two that do not."""
    assert stock.repeats(Places("1", "Domain 1", ("1.1",), 8, 2)) == repeats


# Study sessions


@given(
    seed=st.integers(0, 10_000),
    wanted=st.dictionaries(
        st.sampled_from([(d, f"{d}.{n}") for d, count in STATEMENTS.items() for n in range(1, count + 1)]),
        st.integers(0, 12),
    ),
    conflicts=st.booleans(),
)
def test_a_study_session_takes_what_there_is_under_the_rules_of_a_form(
    seed: int, wanted: dict[tuple[str, str], int], conflicts: bool
) -> None:
    bank, rng = uneven_bank(seed, conflicts)
    seen = {c.question: EPOCH for c in bank.all() if rng.random() < 0.3}
    hidden = {c.question for c in bank.all() if rng.random() < 0.2}
    set_aside = bank.set_aside(seen.keys() | hidden)
    picked = assembly.pick(wanted, bank.sizes(), set_aside, bank.reader(seen, hidden=hidden), rng)
    assert {c.question for c in picked} & hidden == set()
    assert [c.name for c in picked if c.trial] == []
    assert [(a.name, b.name) for a, b in combinations(picked, 2) if drafting.clash(a, b)] == []
    got = Counter((c.domain, c.task_statement) for c in picked)
    for place, count in wanted.items():
        held = [c for c in bank.pools.get((place[1], False), []) if c.question not in hidden]
        assert got[place] == min(count, len(held)) or (conflicts and got[place] < min(count, len(held)))
        if not conflicts:
            unseen = sum(c.question not in seen for c in held)
            taken = [c for c in picked if c.task_statement == place[1]]
            assert sum(c.question not in seen for c in taken) == min(unseen, got[place])
    assert got.keys() <= wanted.keys()


def test_a_session_reads_whole_pools_only_when_enemies_left_it_short() -> None:
    """Two of three questions clash with each other; a bank of many more still gives both places."""
    bank = Bank()
    bank.add("1.1", 1, testing_point="same")
    bank.add("1.1", 1, testing_point="same")
    bank.add("1.1", 3)
    for seed in range(50):
        picked = assembly.pick({("1", "1.1"): 4}, bank.sizes(), {}, bank.reader({}), Random(seed))
        assert len(picked) == 4
