from django.urls import path

from results import review_views, views

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
    # What a candidate reported
    path("reports/", review_views.my_reports, name="reports"),
    path("reports/read", review_views.read_reports, name="read_reports"),
]
