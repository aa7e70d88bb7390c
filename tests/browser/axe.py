"""Accessibility of a rendered page, as axe sees it, in both themes."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# A theme changes colours and nothing else: whatever other rules see is the same in both.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
OPTIONS = {"resultTypes": ["violations"]}
# WCAG 2.2 AA, success criterion 2.5.8: axe does not ask for it unless told to.
TARGETS = {"rules": {"target-size": {"enabled": True}}}

# What a page lays out only when it is seen counts as well.
SHOW_ALL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [sheet];
}"""


def violations(page: Page, **options: Any) -> list[str]:
    """Return one line for each element that breaks a rule: the rule, where, and what to do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SHOW_ALL)
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async (options) => (await axe.run(options)).violations", OPTIONS | options)
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_no_axe_violations(page: Page) -> None:
    """Ask every rule in the light theme, and those about colours in the dark one."""
    page.emulate_media(color_scheme="dark")
    dark = violations(page, runOnly=COLOUR_RULES)
    page.emulate_media(color_scheme="light")
    assert {"light": violations(page, **TARGETS), "dark": dark} == {"light": [], "dark": []}


def assert_accessible_at(page: Page, *widths: int) -> None:
    """Ask axe at each width of the window, which the page may not exceed."""
    height = page.viewport_size["height"] if page.viewport_size else 800
    page.evaluate(SHOW_ALL)
    for width in widths:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert_no_axe_violations(page)
