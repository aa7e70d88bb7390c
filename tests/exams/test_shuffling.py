from random import Random
from uuid import UUID

from exam_sim.exams.shuffling import shuffle_options, shuffled


def test_the_order_of_items_and_options_depends_on_the_seed_alone() -> None:
    ids = [UUID(int=number) for number in range(10)]
    assert shuffled(ids, Random(4)) == shuffled(reversed(ids), Random(4))
    assert shuffled(ids, Random(4)) != shuffled(ids, Random(5))


def test_fixed_options_keep_their_place_and_unshuffled_ones_their_order() -> None:
    options = [("a", False), ("b", False), ("c", False), ("d", True)]
    orders = {tuple(shuffle_options(options, True, Random(seed))) for seed in range(60)}
    assert {order[3] for order in orders} == {"d"}
    assert len(orders) == 6
    assert shuffle_options(options, False, Random(1)) == ["a", "b", "c", "d"]
