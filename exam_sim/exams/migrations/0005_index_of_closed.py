from django.db import migrations, models

from exam_sim.postgresql import gentle


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("exams", "0004_index_of_newest")]

    operations = [
        gentle.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("state", "closed")), fields=["closed_at"], name="exams_attempt_closed_at"
            ),
        ),
    ]
