"""Make this installation ready to serve: `python -m exam_sim.prepare`. On a ready one it changes nothing.

One process for all steps, because each start of Django costs half a second.
"""

import hashlib
import importlib.metadata
import os
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError

from exam_sim import metrics, storage
from exam_sim.local import local_directory, make_secret_key

CERTIFICATIONS = ("mls-c01",)
STATIC_PACKAGES = ("django", "django-htmx", "whitenoise", "brotli")


def main() -> None:
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_sim.settings")
    try:
        prepare()
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {str(error).strip().splitlines()[0]}")
    except OSError as error:
        sys.exit(f"{error.filename} cannot be written: {error.strerror}.")


def prepare() -> None:
    directory = local_directory(os.environ)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.environ.get("SECRET_KEY"):
        make_secret_key(directory)
    django.setup()
    metrics.clear(directory / "metrics")
    call_command("migrate", verbosity=0, interactive=False)
    for name in CERTIFICATIONS:
        call_command("load_certification", settings.BASE_DIR / "fixtures" / name)
    call_command("refresh_listing")
    call_command("ensure_administrator")
    collect_static(directory / "static.stamp", time.time())


def collect_static(stamp: Path, now: float) -> None:
    """Collect, hash and compress the static files, unless these very files were the last ones collected."""
    state = static_fingerprint()
    manifest = Path(settings.STATIC_ROOT) / storage.MANIFEST
    if manifest.exists() and stamp.exists() and stamp.read_text() == state:
        return
    storage.collect(Path(settings.STATIC_ROOT), now)
    stamp.write_text(state)


def static_fingerprint() -> str:
    """Return a digest of our static files, names and all, and of the packages that bring or make others."""
    digest = hashlib.sha256()
    for name in STATIC_PACKAGES:
        digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    for directory in settings.STATICFILES_DIRS:
        for path in sorted(Path(directory).rglob("*")):
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(directory)} {content}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
