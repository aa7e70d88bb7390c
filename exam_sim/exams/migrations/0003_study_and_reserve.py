import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_preview_attempts"),
        ("questions", "0005_entries_outlive_their_question"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reserve",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("drawn_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReservedQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="exams_attempt_exam_is_timed",
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="exams_attempt_exam_has_profile",
        ),
        migrations.AddField(
            model_name="attempt",
            name="feedback",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="attempt",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="paused_ms",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="attempt",
            name="study",
            field=models.CharField(
                blank=True,
                choices=[
                    ("drill", "Domain drill"),
                    ("missed", "Missed and flagged"),
                    ("weak", "Weak areas"),
                    ("due", "Due today"),
                    ("custom", "Custom"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="examprofile",
            name="is_rehearsal",
            field=models.BooleanField(
                default=False,
                help_text="Its form is set aside for each candidate at the first attempt; nothing else serves it.",
                verbose_name="dress rehearsal",
            ),
        ),
        migrations.AlterField(
            model_name="answerevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer", "Answer"),
                    ("flag", "Flag"),
                    ("strike", "Strike-out"),
                    ("scratchpad", "Scratchpad"),
                    ("visit", "Visit"),
                    ("sure", "Confidence"),
                    ("check", "Check"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="register",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer", "Answer"),
                    ("flag", "Flag"),
                    ("strike", "Strike-out"),
                    ("scratchpad", "Scratchpad"),
                    ("visit", "Visit"),
                    ("sure", "Confidence"),
                    ("check", "Check"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("close_by__isnull", False),
                        ("deadline__isnull", False),
                        ("paused_at__isnull", True),
                        ("seconds_granted__isnull", False),
                    ),
                    models.Q(
                        models.Q(
                            ("seconds_granted__isnull", True), ("paused_at__isnull", False), _connector="OR"
                        ),
                        ("close_by__isnull", True),
                        ("deadline__isnull", True),
                        ("mode__in", ["study", "preview"]),
                    ),
                    _connector="OR",
                ),
                name="exams_attempt_exam_is_timed",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode", "preview"), ("profile__isnull", False), _connector="OR"),
                name="exams_attempt_exam_has_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "study"), ("study__in", ["drill", "missed", "weak", "due", "custom"])),
                    models.Q(
                        models.Q(("mode", "study"), _negated=True),
                        ("feedback", False),
                        ("paused_at__isnull", True),
                        ("paused_ms", 0),
                        ("study", ""),
                    ),
                    _connector="OR",
                ),
                name="exams_attempt_study_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "open"), ("paused_at__isnull", True), _connector="OR"),
                name="exams_attempt_paused_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="examprofile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_rehearsal", True)),
                fields=("certification",),
                name="exams_profile_one_rehearsal",
            ),
        ),
        migrations.AddField(
            model_name="reserve",
            name="certification",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="questions.certification"
            ),
        ),
        migrations.AddField(
            model_name="reserve",
            name="spent_on",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="exams.attempt"
            ),
        ),
        migrations.AddField(
            model_name="reserve",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reserves",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reservedquestion",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="questions.question"
            ),
        ),
        migrations.AddField(
            model_name="reservedquestion",
            name="reserve",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="exams.reserve"
            ),
        ),
        migrations.AddConstraint(
            model_name="reserve",
            constraint=models.UniqueConstraint(fields=("user", "certification"), name="exams_reserve_once"),
        ),
        migrations.AddConstraint(
            model_name="reserve",
            constraint=models.CheckConstraint(
                condition=models.Q(("spent_on__isnull", True), ("spent_at__isnull", False), _connector="OR"),
                name="exams_reserve_spent_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservedquestion",
            constraint=models.UniqueConstraint(fields=("reserve", "question"), name="exams_reserved_once"),
        ),
    ]
