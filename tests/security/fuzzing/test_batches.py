"""Posts of answers with something wrong in them, one after another: each is answered by JSON, and what is
stored holds together."""

import os

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.security.fuzzing.batches import bodies
from tests.security.fuzzing.site import Sent, Site

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LONG = bool(os.environ.get("LONG"))


@pytest.mark.parametrize("mode", ["exam", "study"])
def test_no_batch_does_harm(site: Site, mode: str) -> None:
    attempt = site.scene.running if mode == "exam" else site.scene.session

    @settings(max_examples=3000 if LONG else 25)
    @given(
        st.lists(bodies(attempt.item_count), min_size=1, max_size=5),
        st.sampled_from(["events", "events", "events", "end"]),
    )
    def run(batches: list[bytes], last: str) -> None:
        targets = ["events"] * (len(batches) - 1) + [last]
        site.judge(
            *(
                Sent("candidate", "POST", f"/attempts/{attempt.pk}/{to}", "", body, "application/json")
                for body, to in zip(batches, targets, strict=True)
            )
        )

    (run if LONG else seed(1)(run))()
