from django.urls import path

from results import progress_views, review_views, study_views, takeout_views, views

app_name = "results"

urlpatterns = [
    # Closed attempts
    path("results/", views.history, name="history"),
    path("results/<uuid:attempt_id>/", views.result, name="result"),
    path("results/<uuid:attempt_id>/review", views.review, name="review"),
    path("results/<uuid:attempt_id>/review/<int:number>/", review_views.item, name="item"),
    path("results/<uuid:attempt_id>/review/<int:number>/note", review_views.note, name="note"),
    path("results/<uuid:attempt_id>/review/<int:number>/bookmark", review_views.bookmark, name="bookmark"),
    path("results/<uuid:attempt_id>/review/<int:number>/report", review_views.report, name="report"),
    path("results/<uuid:attempt_id>/review/<int:number>/reveal", review_views.reveal, name="reveal"),
    path("results/<uuid:attempt_id>/pacing", views.pacing, name="pacing"),
    # Progress
    path("progress/", progress_views.progress, name="progress"),
    path("progress/exam-date", progress_views.exam_date, name="exam_date"),
    # Study
    path("study/", study_views.hub, name="study"),
    path("study/start", study_views.start, name="study_start"),
    path("study/drill", study_views.drill, name="drill"),
    # What a candidate reported
    path("reports/", review_views.my_reports, name="reports"),
    path("reports/read", review_views.read_reports, name="read_reports"),
    # Taking data away
    path("results/data", takeout_views.page, name="takeout"),
    path("results/data/answers.csv", takeout_views.answers, name="takeout_answers"),
    path("results/data/everything.json", takeout_views.everything, name="takeout_everything"),
    path("results/data/missed/<slug:certification>.csv", takeout_views.anki, name="takeout_cards"),
]
