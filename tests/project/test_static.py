"""Static files as production serves them."""

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from exam_sim.prepare import collect_static

IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["']([^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files, collected, hashed and compressed."""
    directory = tmp_path_factory.mktemp("static")
    staticfiles = {"BACKEND": "exam_sim.storage.HashedStaticFilesStorage"}
    with override_settings(STATIC_ROOT=directory, STORAGES={**settings.STORAGES, "staticfiles": staticfiles}):
        call_command("collectstatic", verbosity=0, interactive=False)
    return directory


def own_modules(collected: Path) -> list[Path]:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    own = Path(settings.STATICFILES_DIRS[0])
    return [collected / names[path.relative_to(own).as_posix()] for path in sorted(own.rglob("*.js"))]


def test_every_import_of_a_module_leads_to_a_hashed_file(collected: Path) -> None:
    broken = []
    for module in own_modules(collected):
        for target in IMPORT.findall(module.read_text()):
            path = module.parent / PurePosixPath(target)
            if not target.startswith("./") or not HASHED.search(target) or not path.is_file():
                broken.append((module.name, target))
    assert broken == []


def test_imports_in_the_sources_are_seen_by_the_test_above() -> None:
    assert [
        IMPORT.findall(line)
        for line in ('import {a} from "./a.js"', "import './b.js'", 'await import("./c.js")')
    ] == [
        ["./a.js"],
        ["./b.js"],
        ["./c.js"],
    ]


def test_scripts_and_styles_lie_there_compressed(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    own = Path(settings.STATICFILES_DIRS[0])
    large = [
        names[path.relative_to(own).as_posix()]
        for path in sorted(own.rglob("*"))
        if path.suffix in (".css", ".js") and path.stat().st_size > 1_000
    ]
    missing = [
        name for name in large for suffix in (".gz", ".br") if not (collected / f"{name}{suffix}").is_file()
    ]
    assert missing == []


DAY = 24 * 3600.0
Serve = Callable[[str], tuple[int, bytes]]


@pytest.fixture
def collect(tmp_path: Path, settings: Settings) -> Callable[[str, float], str]:
    """Prepare a version whose one style sheet says this, at that time; return its address."""
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "static"
    staticfiles = {"BACKEND": "exam_sim.storage.HashedStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": staticfiles}
    (tmp_path / "source").mkdir()

    def collected(style: str, at: float) -> str:
        (tmp_path / "source" / "page.css").write_text(style)
        collect_static(tmp_path / "stamp", at)
        name = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]["page.css"]
        for path in (tmp_path / "static").glob(f"{name}*"):
            os.utime(path, (at, at))
        return f"/static/{name}"

    return collected


def start() -> Serve:
    """A server as it starts: it lists the files that are there."""
    middleware = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))

    def serve(address: str) -> tuple[int, bytes]:
        response = middleware(RequestFactory().get(address, headers={"Accept-Encoding": "gzip"}))
        if not response.streaming:
            return response.status_code, b""
        with response.file_to_stream:  # response.close() would look after connections to the database
            return response.status_code, gzip.decompress(b"".join(response))

    return serve


def test_styles_of_the_version_before_are_served_by_its_server_and_by_the_next(
    collect: Callable[[str, float], str],
) -> None:
    old, new = "a {color: red}" * 40, "a {color: blue}" * 40
    first = collect(old, 0)
    running = start()
    second = collect(new, 90 * DAY)
    started = start()
    # A server does not know what came after it started: the proxy asks another host.
    assert [running(first), running(second)] == [(200, old.encode()), (404, b"")]
    assert [started(first), started(second)] == [(200, old.encode()), (200, new.encode())]


def test_styles_go_a_month_after_they_were_last_in_use(
    collect: Callable[[str, float], str], tmp_path: Path
) -> None:
    first = collect("a {color: red}" * 40, 0)
    collect("a {color: blue}" * 40, 90 * DAY)
    third = collect("a {color: green}" * 40, 120 * DAY)
    assert start()(first)[0] == 200
    fourth = collect("a {color: black}" * 40, 121 * DAY)
    assert [start()(address)[0] for address in (first, third, fourth)] == [404, 200, 200]
    there = sorted(path.name for path in (tmp_path / "static").iterdir())
    assert (len(there), [path.name for path in tmp_path.iterdir() if "fresh" in path.name]) == (10, [])
