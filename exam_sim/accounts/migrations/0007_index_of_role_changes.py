from django.db import migrations, models

from exam_sim.postgresql import gentle


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0006_index_of_newest")]

    operations = [
        gentle.AddIndex(
            model_name="rolechange",
            index=models.Index(fields=["changed_at"], name="accounts_role_change_at"),
        ),
    ]
