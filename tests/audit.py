"""Are the locked packages known to be vulnerable? `python3 run.py audit` asks OSV's database, which collects
what is known of packages from everywhere. Standard library only.

It passes only when it was told so: of each package of both locks, by a database that knows what everybody
knows. Where nobody answers, nothing was checked, and that is an error. It needs the network, so it is no part
of the tests or of `lint`.
"""

import argparse
import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-test.txt")
DATABASE = "https://api.osv.dev"
FOUND, NOT_CHECKED = 1, 2
KNOWN = ("django", "3.2.0")
"""Vulnerable in many ways: a database that has nothing against it knows nothing."""
SECONDS = 30

Package = tuple[str, str]


class NotCheckedError(Exception):
    """Its text says why, as the end of a sentence."""


def locked(*locks: Path) -> list[Package]:
    """The packages of all `locks`, each once."""
    texts = [lock.read_text() for lock in locks]
    found = {
        pair for text in texts for pair in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)
    }
    return sorted(found)


def known_against(packages: Sequence[Package], database: str) -> dict[Package, list[str]]:
    """The ids of what is known against each of `packages` that something is known against."""
    asked = [KNOWN, *packages]
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in asked
    ]
    results = _ask(database, {"queries": queries}).get("results")
    if not isinstance(results, list) or len(results) != len(asked):
        raise NotCheckedError(f"{database} did not answer for every package")
    found = {}
    for package, result in zip(asked, results, strict=True):
        if not isinstance(result, dict) or not isinstance(result.get("vulns", []), list):
            raise NotCheckedError(f"what {database} answers for {package[0]} cannot be read")
        ids = [str(one.get("id", "?")) if isinstance(one, dict) else "?" for one in result.get("vulns", [])]
        if ids:
            found[package] = ids
    if KNOWN not in found:
        raise NotCheckedError(
            f"{database} has nothing against {'=='.join(KNOWN)}, which is known to be vulnerable"
        )
    if KNOWN not in packages:
        del found[KNOWN]
    return found


def _ask(database: str, question: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{database}/v1/querybatch",
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            read = json.load(answer)
    except (OSError, HTTPException, ValueError) as error:
        reason = f"it answers {error.code}" if isinstance(error, urllib.error.HTTPError) else "not reachable"
        raise NotCheckedError(f"{database}: {reason}") from error
    if not isinstance(read, dict):
        raise NotCheckedError(f"what {database} answers cannot be read")
    return read


def audit(packages: Sequence[Package], database: str) -> int:
    try:
        found = known_against(packages, database)
    except NotCheckedError as why:
        print(f"NOTHING WAS CHECKED: {why}.", file=sys.stderr)
        return NOT_CHECKED
    for (name, version), ids in found.items():
        print(f"{name} {version}: {', '.join(ids)}")
    print(f"{len(packages)} packages were checked; something is known against {len(found)} of them.")
    return FOUND if found else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py audit", description=__doc__)
    parser.add_argument("--database", default=DATABASE, help="another address that answers as OSV's API does")
    known = parser.parse_args(arguments)
    return audit(locked(*(HERE / lock for lock in LOCKS)), known.database.rstrip("/"))
