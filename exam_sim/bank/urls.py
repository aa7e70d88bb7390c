from django.urls import URLPattern, path

from exam_sim.bank import coverage_page

app_name = "bank"

urlpatterns: list[URLPattern] = [
    # Questions
    # Exporting
    # Uploading
    # Imports
    # Coverage
    path("coverage/", coverage_page.coverage, name="coverage"),
    # Sitting as a candidate
]
