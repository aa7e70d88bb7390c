"""Accessibility of a rendered page, as axe sees it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """Return one line for each element that breaks a rule: the rule, where, and what to do."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_no_axe_violations(page: Page) -> None:
    assert violations(page) == []
