from django.urls import path

from results import views

app_name = "results"

urlpatterns = [
    # Closed attempts
    path("results/", views.history, name="history"),
    path("results/<uuid:attempt_id>/", views.result, name="result"),
    path("results/<uuid:attempt_id>/review", views.review, name="review"),
    path("results/<uuid:attempt_id>/pacing", views.pacing, name="pacing"),
]
