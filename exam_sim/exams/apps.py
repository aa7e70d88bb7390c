from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "exam_sim.exams"
    label = "exams"
    verbose_name = "Exams"
