from django.urls import path

from results import views

app_name = "results"

urlpatterns = [
    path("", views.history, name="history"),
    path("<uuid:attempt_id>/", views.result, name="result"),
    path("<uuid:attempt_id>/review", views.review, name="review"),
]
