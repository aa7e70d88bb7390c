"""The directory of what this installation keeps, and the secret key in it. Needs no settings."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def local_directory(environ: Mapping[str, str]) -> Path:
    """Return LOCAL_DIR; a relative one counts from the checkout."""
    return BASE_DIR / (environ.get("LOCAL_DIR") or ".local")


def read_secret_key(environ: Mapping[str, str], directory: Path) -> str:
    """Return SECRET_KEY or the key kept in `directory`; without either the settings cannot load."""
    key = environ.get("SECRET_KEY", "")
    if not key:
        try:
            key = (directory / "secret_key").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise ImproperlyConfigured(
                "There is no secret key yet: set SECRET_KEY, or run python3 run.py once, which makes one."
            ) from None
    if len(key) < 50:
        raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters.")
    return key


def make_secret_key(directory: Path) -> None:
    """Write a key for this user's eyes only, unless there is one.

    Written aside and linked into place: of two that start at once one wins, and neither reads half a key.
    """
    path = directory / "secret_key"
    if path.exists():
        return
    draft = directory / f"secret_key.{os.getpid()}"
    draft.touch(mode=0o600, exist_ok=False)
    try:
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
