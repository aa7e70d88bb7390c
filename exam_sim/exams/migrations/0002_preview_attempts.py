from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="attempt",
            name="exams_attempt_untimed_is_study",
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="exams_attempt_exam_has_profile",
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="exams_attempt_mode_known",
        ),
        migrations.AlterField(
            model_name="attempt",
            name="mode",
            field=models.CharField(
                choices=[("exam", "Exam"), ("study", "Study"), ("preview", "Preview")],
                default="exam",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("mode", "preview")), fields=["started_at"], name="exams_attempt_previews"
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("close_by__isnull", False),
                        ("deadline__isnull", False),
                        ("seconds_granted__isnull", False),
                    ),
                    models.Q(
                        ("close_by__isnull", True),
                        ("deadline__isnull", True),
                        ("mode__in", ["study", "preview"]),
                        ("seconds_granted__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="exams_attempt_exam_is_timed",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mode__in", ["study", "preview"]), ("profile__isnull", False), _connector="OR"
                ),
                name="exams_attempt_exam_has_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "preview"), _negated=True),
                    models.Q(("deadline__isnull", True), ("profile__isnull", True)),
                    _connector="OR",
                ),
                name="exams_attempt_preview_is_bare",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["exam", "study", "preview"])),
                name="exams_attempt_mode_known",
            ),
        ),
    ]
