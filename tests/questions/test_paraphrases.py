"""Near-duplicates are found when somebody changes the scenery of a question and its numbers alone.

The planted questions were made for this test: shipped ones with another industry, company and numbers."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from questions import wording
from questions.formats import Draft, exchange
from questions.importing import question_files

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
PLANTED = Path(__file__).with_name("paraphrases.yaml")


@pytest.fixture(scope="module")
def bank() -> list[Draft]:
    return [d for path in question_files(FOLDER) for d in exchange.parse(path.read_bytes(), path.name).drafts]


def planted(bank: list[Draft]) -> list[Draft]:
    by_id = {draft.id: draft for draft in bank}
    return [
        retold(by_id[row["of"]], row["stem"], row["key"])
        for row in yaml.safe_load(PLANTED.read_text())["paraphrases"]
    ]


def retold(draft: Draft, stem: str, key: str) -> Draft:
    options = tuple(replace(option, text=key) if option.correct else option for option in draft.options)
    return replace(
        draft, id=f"again-{draft.id}", testing_point=f"Again: {draft.id}", stem=stem, options=options
    )


def test_the_bank_holds_no_near_duplicates(bank: list[Draft]) -> None:
    assert list(wording.near_duplicates(bank)) == []


def test_at_least_27_of_30_planted_paraphrases_are_found_and_few_other_pairs(bank: list[Draft]) -> None:
    drafts = [*bank, *planted(bank)]
    ids = [draft.id for draft in drafts]
    pairs = {(ids[pair.first], ids[pair.second]) for pair in wording.near_duplicates(drafts)}
    wanted = {(draft.id.removeprefix("again-"), draft.id) for draft in planted(bank)}
    others = sum(1 for _ in combinations(ids, 2)) - len(wanted)
    assert len(wanted) == 30
    assert len(pairs & wanted) >= 27
    assert len(pairs - wanted) <= others / 100
