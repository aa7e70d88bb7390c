"""The settings of what machines are told: what is not understood stops the start with one sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from exam_sim.settings import read_token


@pytest.mark.parametrize(
    "value", ["too short", "a token with blanks in it", "a-token-with-\u00fcmlaut", "tab\tand-more-of-it"]
)
def test_a_token_that_no_header_can_hold_or_anybody_can_guess_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_token({"METRICS_TOKEN": value}, "METRICS_TOKEN")
    assert str(refused.value) == "METRICS_TOKEN must have at least 16 characters, and no blanks."


def test_a_token_is_taken_as_it_is_and_none_means_none() -> None:
    given = [
        read_token(environ, "METRICS_TOKEN")
        for environ in ({"METRICS_TOKEN": "x" * 16}, {}, {"METRICS_TOKEN": ""})
    ]
    assert given == ["x" * 16, "", ""]
