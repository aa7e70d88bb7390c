from django.urls import URLPattern, path

from exam_sim.bank import (
    coverage_page,
    editing,
    exporting,
    imports,
    questions,
    reports,
    sitting,
    uploads,
)

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
    path("questions/<uuid:question_id>/exhibits/<slug:sha256>", questions.asset, name="asset"),
    # Exporting
    path("export/", exporting.export, name="export"),
    # Uploading
    path("upload/", uploads.upload, name="upload"),
    path("upload/templates/<slug:slug>", uploads.template, name="template"),
    path("uploads/<uuid:preview_id>/", uploads.preview, name="preview"),
    path("uploads/<uuid:preview_id>/read-again", uploads.read_again, name="read_again"),
    path("uploads/<uuid:preview_id>/tag", uploads.tag, name="tag"),
    path("uploads/<uuid:preview_id>/options", uploads.options, name="preview_options"),
    path("uploads/<uuid:preview_id>/apply", uploads.apply, name="apply"),
    path("uploads/<uuid:preview_id>/discard", uploads.discard, name="discard"),
    path("uploads/<uuid:preview_id>/rejected", uploads.rejected, name="rejected"),
    path("uploads/<uuid:preview_id>/figures/<slug:sha256>", uploads.figure, name="preview_figure"),
    path("uploads/<uuid:preview_id>/entries/<int:position>/mend", uploads.mend, name="mend"),
    path("uploads/<uuid:preview_id>/entries/<int:position>/settle", uploads.settle, name="settle"),
    path("uploads/<uuid:preview_id>/entries/<int:position>/decide", uploads.decide, name="decide"),
    # Imports
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:import_id>/", imports.import_, name="import"),
    path("imports/<uuid:import_id>/undo", imports.undo, name="import_undo"),
    # Coverage
    path("coverage/", coverage_page.coverage, name="coverage"),
    # Reported problems
    path("reports/", reports.reports, name="reports"),
    path("reports/<uuid:report_id>/", reports.report, name="report"),
    path("reports/<uuid:report_id>/decide", reports.decide, name="report_decide"),
    path("reports/<uuid:report_id>/reopen", reports.reopen, name="report_reopen"),
    # Sitting as a candidate
    path("sit", sitting.sit, name="sit"),
]
