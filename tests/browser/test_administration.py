"""Every kind of page of the administration in a real browser, under the same policy as the rest of the site.

A page that breaks the policy, with a style or a script in its text, says so in the console.
"""

from django.contrib import admin
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from tests.security.asking import address
from tests.security.world import make_world

PASSWORD = "correct horse battery"
MODELS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)


def test_no_page_of_the_administration_breaks_the_policy(page: Page, expected_messages: list[str]) -> None:
    """Lists, forms and histories of each model; a deletion, which nobody may confirm here; and the log-in."""
    expected_messages += ["403 (Forbidden)", "Autofocus processing was blocked"]
    User.objects.create_superuser("root@example.org", PASSWORD)
    world = make_world(timezone.now())
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill("root@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    opened = []
    for model in MODELS:
        for kind in ("changelist", "change", "history", "delete"):
            page.goto(address(world, f"admin:{model}_{kind}", ""))
            opened.append(page.locator("main").count())
    assert opened == [1] * len(opened)
    for form in (
        "accounts_user_add",
        "exams_extension_add",
        "questions_collection_add",
        "exams_examprofile_add",
    ):
        page.goto(f"/admin/{form.replace('_', '/')}/")
        expect(page.locator("#content")).to_be_visible()


def test_a_search_for_an_owner_in_a_form_is_answered_under_the_policy(page: Page) -> None:
    """The one field whose script asks the server."""
    User.objects.create_superuser("root@example.org", PASSWORD)
    page.goto("/admin/questions/collection/add/")
    page.get_by_label("E-mail address").fill("root@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#id_owner + .select2").click()
    page.locator(".select2-search__field").fill("root")
    expect(page.get_by_role("option", name="root@example.org")).to_be_visible()
