from django.contrib import admin
from django.urls import include, path

from exam_sim.accounts.views import admin_door
from exam_sim.operations import probes

urlpatterns = [
    # Machines
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
    # People
    path("", include("exam_sim.exams.urls")),
    path("accounts/", include("exam_sim.accounts.urls")),
    path("bank/", include("exam_sim.bank.urls")),
    path("", include("results.urls")),
    path("admin/login/", admin_door),
    path("admin/", admin.site.urls),
]
