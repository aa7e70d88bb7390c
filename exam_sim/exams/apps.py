from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "exam_sim.exams"
    label = "exams"
    verbose_name = "Exams"

    def ready(self) -> None:
        # Not above: models can be imported from here on.
        from exam_sim.exams.use import IN_ATTEMPTS
        from questions import uses

        uses.register(IN_ATTEMPTS)
