"""Which static files are collected, and how they are stored: hashed names, gzip and brotli beside each.

A hashed file stays for a while when a version without it comes. The server of the version before listed its
files when it started, and opens them when it is asked; pages that it sent are still open; and the host that
is asked for a file need not be the one that sent the page.
"""

import json
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.management.commands.collectstatic import Command as Collect
from django.core.files.storage import storages
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

MANIFEST = "staticfiles.json"
KEPT_SECONDS = 30 * 24 * 3600.0
"""How long a file that is in no page any more stays."""


class CollectedStaticFiles(StaticFilesConfig):
    """Leaves out the extensions and the next version of htmx: no page loads them, and type comments in them
    look like imports of modules that are not there. And what the administration loads in a shorter form,
    because compressing the long one takes as long as compressing all the rest.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/ext/*",
        "django_htmx/htm*x-4*",
        "admin/js/vendor/jquery/jquery.js",
        "admin/js/vendor/select2/select2.full.js",
        "admin/js/vendor/xregexp/xregexp.js",
    ]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of ES modules to hashed names; Django leaves them alone unless told.

    Without it a module would import its neighbour by the plain name, which is not kept.
    """

    support_js_module_import_aggregation = True


def collect(root: Path, now: float) -> None:
    """Put the static files of this version into `root`, where those of earlier ones may be served meanwhile.

    They are made beside it, because making them writes a name in several steps. Each then takes its place at
    once; the manifest, which names them, comes last."""
    fresh = root.with_name(f"{root.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)  # left by a run that was killed
    command = Collect()
    command.storage = storages.create_storage(
        {**settings.STORAGES["staticfiles"], "OPTIONS": {"location": fresh}}
    )
    call_command(command, verbosity=0, interactive=False)
    remove_superseded(root, now)
    for path in sorted(fresh.rglob("*"), key=lambda path: path.name == MANIFEST):
        if path.is_file():
            target = root / path.relative_to(fresh)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    shutil.rmtree(fresh)


def remove_superseded(root: Path, now: float) -> None:
    """Remove what was last in use over KEPT_SECONDS ago. What was in use until now is marked by its time."""
    manifest = root / MANIFEST
    used = set(json.loads(manifest.read_text())["paths"].values()) if manifest.exists() else set()
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        if path.relative_to(root).as_posix().removesuffix(".gz").removesuffix(".br") in used:
            os.utime(path, (now, now))
        elif path != manifest and now - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink()
