from django.urls import include, path

from tests.benchmarks.floor.views import save

urlpatterns = [
    path("floor/<uuid:attempt_id>/<int:item>", save),
    path("", include("exam_sim.urls")),
]
