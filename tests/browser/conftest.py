"""A real Chromium against the site as it is served: hashed static files under the strict policy.

Playwright's synchronous interface leaves an event loop in the thread, which makes Django refuse the database.
The fixture that opens it is package-scoped and puts both right again, so nothing outside this folder sees it.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Literal, Protocol

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
TIMEOUT_MS = 10_000
IDLE_SECONDS = 0.03


class SiteServer(ThreadedWSGIServer):
    """A thread for each connection; closing waits for them, so that none still holds the test database."""

    daemon_threads = False


class Traffic:
    """How many requests are being answered: a test's tables must not be emptied under one of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0

    def counted(self, handler: WSGIHandler) -> Callable[[Any, Any], Any]:
        def answer(environ: Any, start_response: Any) -> Any:
            with self.lock:
                self.running += 1
            try:
                return handler(environ, start_response)
            finally:
                with self.lock:
                    self.running -= 1

        return answer

    def wait_until_idle(self) -> None:
        """Wait for running requests, and for those that are on their way from the browser."""
        idle_since = time.monotonic()
        while time.monotonic() < idle_since + IDLE_SECONDS:
            time.sleep(0.005)
            if self.running:
                idle_since = time.monotonic()


class OpenPage(Protocol):
    """Opens a page in a context of its own, as in another browser; a second tab is context.new_page()."""

    def __call__(
        self,
        *,
        width: int = 1280,
        height: int = 800,
        theme: Literal["light", "dark"] = "light",
        javascript: bool = True,
    ) -> Page: ...


@pytest.fixture(scope="package")
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture(scope="package")
def server(django_db_setup: None, traffic: Traffic) -> Iterator[str]:
    """The address of the site, with static files collected, hashed and compressed as in production."""
    staticfiles = {"BACKEND": "exam_sim.storage.HashedStaticFilesStorage"}
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        storages = {**settings.STORAGES, "staticfiles": staticfiles}
        stack.enter_context(override_settings(STATIC_ROOT=directory, STORAGES=storages))
        call_command("collectstatic", verbosity=0, interactive=False)
        httpd = SiteServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        stack.callback(httpd.server_close)
        httpd.set_app(traffic.counted(WSGIHandler()))
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(httpd.shutdown)
        yield f"http://127.0.0.1:{httpd.server_port}"


@pytest.fixture(scope="package")
def browser(server: str) -> Iterator[Browser]:
    """One Chromium for all browser tests; it is closed before the server, which waits for its connections."""
    path = chromium.find()
    if not path:
        pytest.fail("There is no Chromium: name one with CHROMIUM=/path, or use python3 run.py test.")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        opened = playwright.chromium.launch(executable_path=path, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def expected_messages() -> list[str]:
    """Parts of console messages that a test brings about on purpose, such as a lost network; append to it.

    A test may take away network or log-in while the browser is still fetching the worker of an exam page.
    """
    return ["when fetching the script.", "The script resource is behind a redirect"]


@pytest.fixture
def open_page(
    browser: Browser,
    server: str,
    traffic: Traffic,
    transactional_db: None,
    expected_messages: list[str],
) -> Iterator[OpenPage]:
    """Open pages that are closed after the test; whatever a console said by then is a failure.

    A violation of the content security policy is such a message, and so is an error that no script caught.
    """
    contexts: list[BrowserContext] = []
    messages: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if str(message.type) not in ("info", "verbose"):  # the browser's advice, on Django's admin too
            messages.append(f"{message.type}: {message.text}")

    def open_one(
        *,
        width: int = 1280,
        height: int = 800,
        theme: Literal["light", "dark"] = "light",
        javascript: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", note)
        context.on("weberror", lambda event: messages.append(f"uncaught: {event.error}"))
        return context.new_page()

    yield open_one
    said = list(messages)
    # A page that is closed hands in its last changes: offline, they stay away from the next test's tables.
    for context in contexts:
        context.set_offline(True)
    for context in contexts:
        context.close()
    traffic.wait_until_idle()
    assert [text for text in said if not any(part in text for part in expected_messages)] == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A desktop page in the light theme."""
    return open_page()
