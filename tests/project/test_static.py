"""Static files as production serves them."""

import json
import re
from pathlib import Path, PurePosixPath

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

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
