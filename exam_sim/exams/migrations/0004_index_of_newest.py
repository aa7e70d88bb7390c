from django.db import migrations, models

from exam_sim.postgresql import gentle


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("exams", "0003_study_and_reserve")]

    operations = [
        gentle.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["-started_at", "-id"], name="exams_attempt_newest"),
        ),
    ]
