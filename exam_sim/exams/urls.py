from django.urls import path

from exam_sim.exams import views

app_name = "exams"

urlpatterns = [
    path("", views.home, name="home"),
    # An exam, before it is sat
    path("exams/<slug:slug>/", views.profile, name="profile"),
    path("exams/<slug:slug>/start", views.start, name="start"),
    # Sitting it
    path("attempts/<uuid:attempt_id>/", views.attempt, name="attempt"),
    path("attempts/<uuid:attempt_id>/events", views.events, name="events"),
    path("attempts/<uuid:attempt_id>/clock", views.clock, name="clock"),
    path("attempts/<uuid:attempt_id>/review", views.review_screen, name="review_screen"),
    path("attempts/<uuid:attempt_id>/pause", views.pause, name="pause"),
    path("attempts/<uuid:attempt_id>/resume", views.resume, name="resume"),
    path("attempts/<uuid:attempt_id>/end", views.end, name="end"),
    path("attempts/<uuid:attempt_id>/discard", views.discard, name="discard"),
    path("attempts/<uuid:attempt_id>/worker.js", views.worker, name="worker"),
    path("attempts/<uuid:attempt_id>/exhibits/<slug:sha256>", views.exhibit, name="exhibit"),
]
