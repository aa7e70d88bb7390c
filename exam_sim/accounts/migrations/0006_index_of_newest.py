from django.db import migrations, models

from exam_sim.postgresql import gentle


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0005_throttles_and_audit")]

    operations = [
        gentle.AddIndex(
            model_name="user",
            index=models.Index(fields=["-date_joined", "-id"], name="accounts_user_newest"),
        ),
    ]
