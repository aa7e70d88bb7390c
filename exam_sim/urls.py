from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

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
    # The administration has no log-in and no change of password of its own: the site's are slowed and logged.
    path("admin/login/", admin_door),
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password_change")),
    path("admin/password_change/done/", RedirectView.as_view(pattern_name="accounts:settings")),
    path("admin/", admin.site.urls),
]
