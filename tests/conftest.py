"""What every test may rely on: one fixed time, bounded property tests, and a database that suits the test."""

import datetime as dt
import gc
import os
from pathlib import Path
from unittest import TestCase

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

TESTS = Path(__file__).parent
# "suite" is what is tested on each database. What uses none, or one of its own, is tested "once", on SQLite;
# and so is who may ask for what, because the same views answer on both. Faults bring databases of their own.
PARTS = ("suite", "once", "security", "faults", "browser", "benchmark")
# Where the tests of a part are; those of the suite and of "once" may be anywhere else.
FOLDERS = {
    "security": ("security",),
    "faults": ("faults",),
    "browser": ("browser", "faults"),
    "benchmark": ("benchmarks",),
}
APART = ("security", "faults")

# Deadlines are off because both databases share the machine's cores while the tests run.
hypothesis_settings.register_profile(
    "local",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# The same examples in every run: what fails in CI fails again on the desk.
hypothesis_settings.register_profile(
    "ci", parent=hypothesis_settings.get_profile("local"), derandomize=True, database=None, print_blob=True
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=PARTS, help="run one part of the tests, as run.py does; default: all")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no tests of other parts."""
    part = config.getoption("part")
    folder = collection_path.relative_to(TESTS).parts[:1] if collection_path.is_relative_to(TESTS) else ()
    if not part or not folder or not (TESTS / folder[0]).is_dir():
        return None
    wanted = FOLDERS.get(part)
    ignored = folder[0] in ("browser", "benchmarks") if wanted is None else folder[0] not in wanted
    return True if ignored else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests make a heap that no collection of garbage need walk through again.

    Benchmarks measure Python as it is.
    """
    if session.config.getoption("part") != "benchmark":
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by folder, keep the asked part, and skip what SQLite cannot run, saying so."""
    for item in items:
        if _folder_of(item) == "browser":
            item.add_marker(pytest.mark.browser)
        elif _folder_of(item) == "benchmarks":
            item.add_marker(pytest.mark.benchmark)
    if not os.environ.get("LONG"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    part = config.getoption("part")
    if part:
        dropped = [item for item in items if part_of(item) != part]
        items[:] = [item for item in items if part_of(item) == part]
        config.hook.pytest_deselected(items=dropped)
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        for item in items:
            if part_of(item) in ("browser", "benchmark") or item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL, which python3 run.py test starts"))


def _uses_a_database(item: pytest.Item) -> bool:
    """A test case is taken to use one: it brings no fixture that would say so."""
    fixtures = set(getattr(item, "fixturenames", ()))
    kind = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool(fixtures & {"db", "transactional_db"})
        or (kind is not None and issubclass(kind, TestCase))
    )


def part_of(item: pytest.Item) -> str:
    for part in ("browser", "benchmark"):
        if item.get_closest_marker(part):
            return part
    folder = _folder_of(item)
    if item.get_closest_marker("postgres") or (_uses_a_database(item) and folder not in APART):
        return "suite"
    return folder if folder in APART else "once"


def _folder_of(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""


@pytest.fixture
def now() -> dt.datetime:
    """A fixed moment for code that takes the time as an argument."""
    return dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
