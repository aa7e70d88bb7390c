"""The table of figures, and the running site."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.benchmarks.figures import Figures
from tests.benchmarks.site import NotDurableError, Site, served
from tests.benchmarks.sitting import Candidate

FIGURES = pytest.StashKey[Figures]()

Newcomers = Callable[[], Candidate]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[FIGURES].table()
    if rows:
        terminalreporter.section("figures: measured, and what it may be")
        for row in rows:
            terminalreporter.write_line(row)


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The site as run.py serves it. Its database is its own: no test's transaction is in its way."""
    with tempfile.TemporaryDirectory() as directory:
        try:
            with served(os.environ["DATABASE_URL"], Path(directory)) as site:
                yield site
        except NotDurableError as error:
            pytest.skip(str(error))


@pytest.fixture
def newcomer(site: Site) -> Iterator[Newcomers]:
    """Makes people with an account who are not logged in."""
    with ExitStack() as stack:

        def make() -> Candidate:
            candidate = stack.enter_context(closing(Candidate(site.port)))
            candidate.sign_up()
            return candidate

        yield make
