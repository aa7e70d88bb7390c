from django.urls import URLPattern, path

from exam_sim.bank import coverage_page, editing, questions, sitting

app_name = "bank"

urlpatterns: list[URLPattern] = [
    # Questions
    path("", questions.questions, name="questions"),
    path("questions/status", questions.change_status, name="change_status"),
    path("questions/status/<uuid:batch>/undo", questions.undo_status, name="undo_status"),
    path("questions/add", editing.add, name="add"),
    path("questions/add/render", editing.render_new, name="render_new"),
    path("questions/<uuid:question_id>/", questions.question, name="question"),
    path("questions/<uuid:question_id>/edit", editing.edit, name="edit"),
    path("questions/<uuid:question_id>/render", editing.render_draft, name="render"),
    path("questions/<uuid:question_id>/exhibits/<str:sha256>", questions.asset, name="asset"),
    # Exporting
    # Uploading
    # Imports
    # Coverage
    path("coverage/", coverage_page.coverage, name="coverage"),
    # Sitting as a candidate
    path("sit", sitting.sit, name="sit"),
]
