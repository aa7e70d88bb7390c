"""All tests, each part on the database that it needs. `python3 run.py test` makes the environment for it."""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.browser import chromium
from tests.postgres import PostgresError, postgres, stop

HERE = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5
LAST_LINE = re.compile(r"=+ .+ in [\d.]+s( \(.+\))? =+$")


class Part:
    """One run of pytest: its lines come out prefixed as they are written; its last one is kept."""

    def __init__(self, name: str, folder: str, arguments: list[str], **changes: str) -> None:
        self.name, self.changes = name, changes
        self.arguments = [f"--part={folder}", *arguments]
        self.code, self.seconds, self.summary = 1, 0.0, "did not run"
        self.process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        began = time.monotonic()
        self.process = process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *self.arguments],
            cwd=HERE,
            env={**os.environ, **self.changes},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout or ():
            print(f"{self.name:>10} | {line}", end="", flush=True)
            if LAST_LINE.match(line):
                self.summary = line.strip("= \n")
        self.code, self.seconds = process.wait(), time.monotonic() - began

    def interrupt(self) -> None:
        """End it as Ctrl-C would: pytest then still runs its fixtures to their end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)


def run_all(arguments: list[str], *, browser: bool) -> int:
    """Run two parts at a time, from the beginning the browser tests, which take longest; then, alone, the
    benchmarks."""
    began = time.monotonic()
    wanted = browser and concerns("tests/browser", arguments)
    path = chromium.find_or_install() if wanted else ""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgres())
        parts = [
            Part("postgresql", "suite", arguments, DATABASE_URL=url),
            Part("sqlite", "suite", arguments, DATABASE_URL=""),
            Part("once", "once", arguments, DATABASE_URL=""),
            Part("security", "security", arguments, DATABASE_URL=""),
            Part("faults", "faults", arguments, DATABASE_URL=""),
        ]
        if path:
            browser_url = with_suffix(url, "browser")
            parts.insert(0, Part("browser", "browser", arguments, DATABASE_URL=browser_url, CHROMIUM=path))
        run_in_pairs(parts)
        if concerns("tests/benchmarks", arguments):
            durable = stack.enter_context(postgres(durable=True))
            parts.append(
                Part("benchmark", "benchmark", arguments, DATABASE_URL=with_suffix(durable, "benchmark"))
            )
            parts[-1].run()
    print_report(parts, time.monotonic() - began)
    codes = {part.code for part in parts}
    failed = not codes <= {0, NOTHING_SELECTED} or codes == {NOTHING_SELECTED}
    if wanted and not path:
        print("\nTHE BROWSER TESTS DID NOT RUN: there is no Chromium that Playwright can drive.")
        print("Install chromium-headless-shell or chromium, and libatomic1; or name one with CHROMIUM=/path;")
        print("or leave them out with --no-browser.")
        failed = failed or os.environ.get("CI") == "true"
    return int(failed)


def concerns(folder: str, arguments: list[str]) -> bool:
    """Whether the paths among pytest's arguments, if there are any, take in `folder` or something in it."""
    paths = [(HERE / word.partition("::")[0]).resolve() for word in arguments if not word.startswith("-")]
    paths = [path for path in paths if path.exists()]
    wanted = HERE / folder
    return not paths or any(wanted.is_relative_to(path) or path.is_relative_to(wanted) for path in paths)


def with_suffix(url: str, suffix: str) -> str:
    """Name a database of its own: parts run side by side on one server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}_{suffix}"))


def run_in_pairs(parts: list[Part]) -> None:
    """Run all in order, two at a time; when interrupted, wait until those that run have tidied up."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = [pool.submit(part.run) for part in parts]
        try:
            for run in runs:
                run.result()
        except KeyboardInterrupt:
            for run, part in zip(runs, parts, strict=True):
                run.cancel()
                part.interrupt()
            raise


def print_report(parts: list[Part], seconds: float) -> None:
    print()
    for part in parts:
        print(f"{part.name:>10} {part.seconds:6.1f} s  {part.summary}")
    print(f"{'all':>10} {seconds:6.1f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-browser", action="store_true", help="leave out the tests in a real Chromium")
    parser.add_argument("arguments", nargs="*", help="for pytest, after --")
    known = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    try:
        return run_all(known.arguments, browser=not known.no_browser)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
