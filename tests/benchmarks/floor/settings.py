"""The product's own settings; the one difference is a URL more, for the floor."""

from exam_sim.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.floor.urls"
