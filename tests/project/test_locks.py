"""The locks name what pyproject.toml asks for, and no place to fetch it from."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUNTIME, TESTING = "requirements.txt", "requirements-test.txt"


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        loaded: dict[str, Any] = tomllib.load(file)["project"]
    return loaded


def locked(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize(
    ("lock", "asked"),
    [
        (RUNTIME, project()["dependencies"]),
        (TESTING, project()["dependencies"] + project()["optional-dependencies"]["test"]),
    ],
    ids=[RUNTIME, TESTING],
)
def test_lock_satisfies_what_the_project_asks_for(lock: str, asked: list[str]) -> None:
    versions = locked(lock)
    unmet = [
        text
        for text in asked
        for requirement in [Requirement(text)]
        if versions.get(canonicalize_name(requirement.name)) is None
        or versions[canonicalize_name(requirement.name)] not in requirement.specifier
    ]
    assert unmet == []


def test_the_test_lock_repeats_the_runtime_lock() -> None:
    assert locked(TESTING) | locked(RUNTIME) == locked(TESTING)


@pytest.mark.parametrize("lock", [RUNTIME, TESTING])
def test_lock_names_no_host_and_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text()
    hashed = re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:", text, flags=re.MULTILINE)
    assert (re.findall(r"https?:|index-url|find-links|@ ", text), len(hashed)) == ([], len(locked(lock)))
