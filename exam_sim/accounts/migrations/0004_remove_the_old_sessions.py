from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sessions_move_over")]

    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
    ]
