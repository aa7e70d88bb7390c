from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from exam_sim import metrics


class OperationsConfig(AppConfig):
    name = "exam_sim.operations"
    label = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        if settings.METRICS_TOKEN:
            metrics.start(settings.METRICS_DIR)
            connection_created.connect(metrics.count_statements)
