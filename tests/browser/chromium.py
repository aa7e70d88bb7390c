"""Where a Chromium is, and how to get one.

The headless shell comes first: it is Chromium without its window, and needs half the CPU for the same pages.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find() -> str:
    """Return the path of a Chromium that starts: $CHROMIUM, PATH, Playwright's own; empty if none."""
    return next((path for path in candidates() if starts(path)), "")


def candidates() -> Iterator[str]:
    given = os.environ.get("CHROMIUM")
    if given:
        yield given
        return
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield path
    # Asked in a process of its own: Playwright leaves an event loop behind.
    code = "import playwright.sync_api as p\nwith p.sync_playwright() as a: print(a.chromium.executable_path)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if asked.stdout.strip():
        yield asked.stdout.strip()


def starts(path: str) -> bool:
    """Whether it is there with all its libraries."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def driver_starts() -> bool:
    """Whether Playwright's own program runs; it needs libatomic, which a bare Debian has not."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install() -> None:
    """Install Chromium: where this is root with apt, Debian's headless shell, or all of it where there is no
    shell; else the one that Playwright brings."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_get("update")
        for package in (SHELL, "chromium"):
            _apt_get("install", "--yes", "--no-install-recommends", "libatomic1", package)
            if find():
                return
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _apt_get(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *words], env=environment, stdout=subprocess.DEVNULL, check=False)


def find_or_install() -> str:
    """Return the path of a Chromium that Playwright can drive; empty if there is none to be had."""
    path = find() if driver_starts() else ""
    if not path and not os.environ.get("CHROMIUM"):
        print("There is no Chromium here that Playwright can drive; installing one …", flush=True)
        install()
        path = find() if driver_starts() else ""
    return path
