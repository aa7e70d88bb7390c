from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_sim.exams.scale import Scale
from results.scoring import BlueprintDomain, DomainScore, Item, Score, TaskStatementScore, score

SCALE = Scale(100, 1000, 750)
ONE = [BlueprintDomain("1", "Data", 100, (("1.1", "Stores"),))]
TWO = [
    BlueprintDomain("1", "Data", 60, (("1.1", "Stores"), ("1.2", "Ingestion"))),
    BlueprintDomain("2", "Models", 40, (("2.1", "Training"),)),
]


def item(
    number: int,
    right: bool,
    *,
    scored: bool = True,
    place: tuple[str, str] = ("1", "1.1"),
    key: str = "a",
    chosen: str | None = None,
) -> Item:
    if chosen is None:
        chosen = key if right else "z"
    return Item(number, *place, scored, frozenset(key), frozenset(chosen), len(key))


def form(correct: int, total: int, unscored: int = 0, unscored_right: int = 0) -> list[Item]:
    scored = [item(n + 1, n < correct) for n in range(total)]
    return scored + [item(total + n + 1, n < unscored_right, scored=False) for n in range(unscored)]


@pytest.mark.parametrize(
    ("correct", "total", "unscored", "scaled", "passed"),
    [
        (0, 65, 0, 100, False),
        (46, 65, 0, 737, False),
        (47, 65, 0, 751, True),
        (51, 65, 0, 806, True),
        (65, 65, 0, 1000, True),
        (36, 50, 15, 748, False),
        (37, 50, 15, 766, True),
    ],
)
def test_the_edges_of_the_two_exams(
    correct: int, total: int, unscored: int, scaled: int, passed: bool
) -> None:
    result = score(form(correct, total, unscored, unscored_right=unscored), SCALE, ONE)
    assert (result.correct, result.total, result.scaled, result.passed) == (correct, total, scaled, passed)


def test_a_whole_score() -> None:
    items = [
        item(1, right=True, place=("1", "1.1")),
        item(2, right=False, place=("1", "1.2"), key="ab", chosen="a"),
        item(3, right=True, place=("2", "2.1"), key="ab"),
        item(4, right=True, place=("2", "2.1"), scored=False),
        item(5, right=False, place=("2", "2.1"), chosen=""),
    ]
    assert score(items, SCALE, TWO) == Score(
        correct=2,
        total=4,
        answered=3,
        scaled=550,
        passed=False,
        domains=(
            DomainScore("1", "Data", 60, 1, 2, meets=False),
            DomainScore("2", "Models", 40, 1, 2, meets=False),
        ),
        task_statements=(
            TaskStatementScore("1", "1.1", "Stores", 1, 1),
            TaskStatementScore("1", "1.2", "Ingestion", 0, 1),
            TaskStatementScore("2", "2.1", "Training", 1, 2),
        ),
    )


@pytest.mark.parametrize(
    ("chosen", "right"),
    [("ab", True), ("", False), ("a", False), ("ac", False), ("abc", False), ("c", False)],
)
def test_an_item_is_all_or_nothing(chosen: str, right: bool) -> None:
    assert item(1, right, key="ab", chosen=chosen).right is right


@pytest.mark.parametrize(
    ("correct", "total", "meets"),
    [(12, 18, False), (13, 18, True), (14, 18, True), (0, 1, False), (1, 1, True)],
)
def test_a_domain_meets_from_exactly_the_pass_share(correct: int, total: int, meets: bool) -> None:
    assert SCALE.pass_share == Fraction(13, 18)
    assert [domain.meets for domain in score(form(correct, total), SCALE, ONE).domains] == [meets]


def test_a_domain_and_a_task_statement_without_scored_items_are_left_out() -> None:
    result = score([item(1, True), item(2, True, place=("2", "2.1"), scored=False)], SCALE, TWO)
    assert [domain.code for domain in result.domains] == ["1"]
    assert [task_statement.code for task_statement in result.task_statements] == ["1.1"]


def test_equal_task_statement_codes_of_two_domains_stay_apart() -> None:
    blueprint = [
        BlueprintDomain("1", "Data", 50, (("1", "Stores"),)),
        BlueprintDomain("2", "Models", 50, (("1", "Training"),)),
    ]
    result = score([item(1, True, place=("1", "1")), item(2, False, place=("2", "1"))], SCALE, blueprint)
    assert [(ts.domain, ts.code, ts.correct, ts.total) for ts in result.task_statements] == [
        ("1", "1", 1, 1),
        ("2", "1", 0, 1),
    ]


def test_a_form_without_scored_items_has_no_score() -> None:
    with pytest.raises(ValueError, match="0 correct of 0"):
        score(form(0, 0, unscored=3), SCALE, ONE)


def test_a_scored_item_outside_the_blueprint_is_a_defect() -> None:
    with pytest.raises(ValueError, match=r"blueprint: \[2\]"):
        score([item(1, True), item(2, True, place=("9", "9.1"))], SCALE, ONE)


scales = st.tuples(st.integers(0, 500), st.integers(1, 1000), st.integers(1, 1000)).map(
    lambda t: Scale(t[0], t[0] + t[1], t[0] + min(t[1], t[2]))
)
places = st.sampled_from([("1", "1.1"), ("1", "1.2"), ("2", "2.1")])
items = st.builds(
    Item,
    number=st.integers(1, 65),
    domain=st.just("1"),
    task_statement=st.just("1.1"),
    scored=st.booleans(),
    key=st.frozensets(st.sampled_from("abcde"), min_size=1, max_size=3),
    chosen=st.frozensets(st.sampled_from("abcde"), max_size=3),
    choose=st.integers(1, 3),
)
forms = st.lists(
    st.tuples(items, places).map(
        lambda t: Item(t[0].number, *t[1], t[0].scored, t[0].key, t[0].chosen, len(t[0].key))
    ),
    min_size=1,
    max_size=70,
).filter(lambda form: any(one.scored for one in form))


@given(forms, scales, st.randoms())
def test_the_order_of_the_items_does_not_matter(form: list[Item], scale: Scale, random: object) -> None:
    shuffled = list(form)
    random.shuffle(shuffled)
    assert score(shuffled, scale, TWO) == score(form, scale, TWO)


@given(forms, scales, st.data())
def test_one_more_right_item_never_lowers_anything(
    form: list[Item], scale: Scale, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(form) - 1))
    one = form[index]
    righted = Item(one.number, one.domain, one.task_statement, one.scored, one.key, one.key, one.choose)
    before = score(form, scale, TWO)
    after = score([*form[:index], righted, *form[index + 1 :]], scale, TWO)
    assert after.correct >= before.correct
    assert after.scaled >= before.scaled
    assert after.passed >= before.passed
    assert all(new.meets >= old.meets for old, new in zip(before.domains, after.domains, strict=True))


@given(forms, scales)
def test_the_score_is_what_a_hand_computes_in_decimals(form: list[Item], scale: Scale) -> None:
    """Long division to 60 digits, which no fraction of these sizes needs more than 28 of to round rightly."""
    right = total = 0
    for one in form:
        if one.scored:
            total += 1
            right += sorted(one.chosen) == sorted(one.key)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(scale.minimum) + Decimal(scale.maximum - scale.minimum) * right / total
        by_hand = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    result = score(form, scale, TWO)
    assert (result.correct, result.total, result.scaled) == (right, total, by_hand)
    assert result.passed == (by_hand >= scale.pass_mark)


@given(forms, scales)
def test_the_parts_add_up_to_the_whole(form: list[Item], scale: Scale) -> None:
    result = score(form, scale, TWO)
    for parts in (result.domains, result.task_statements):
        assert (sum(p.correct for p in parts), sum(p.total for p in parts)) == (result.correct, result.total)


@given(forms, scales)
def test_unscored_items_change_nothing_but_the_number_answered(form: list[Item], scale: Scale) -> None:
    whole, without = score(form, scale, TWO), score([one for one in form if one.scored], scale, TWO)
    assert (whole.scaled, whole.domains, whole.task_statements) == (
        without.scaled,
        without.domains,
        without.task_statements,
    )
