"""The guesser finds cues where there are some; in the shipped bank it must find none."""

import random

from questions.formats import Draft
from tests.questions.guesser import share_guessed
from tests.questions.sound import options, sound

WORDS = ["bucket", "shard", "forest", "replica", "gradient", "window", "column", "table", "stream", "model"]


def bank(*, cue: bool) -> list[Draft]:
    """Items with options of random length; the key is the longest of them, or any."""
    rng = random.Random(7)
    drafts = []
    for n in range(120):
        texts = [" ".join(rng.sample(WORDS, rng.randint(2, 8))) for _ in range(4)]
        key = max(range(4), key=lambda i: len(texts[i])) if cue else rng.randrange(4)
        drafts.append(sound(f"q-{n:03}", options=options(*texts, key="abcd"[key])))
    return drafts


def test_a_key_that_is_always_the_longest_is_guessed() -> None:
    assert share_guessed(bank(cue=True)) > 0.9


def test_a_key_without_a_cue_is_guessed_no_more_often_than_by_chance() -> None:
    assert share_guessed(bank(cue=False)) < 0.35
