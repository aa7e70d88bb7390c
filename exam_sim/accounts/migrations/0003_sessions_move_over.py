import uuid

from django.apps.registry import Apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

OLD = "django_session"


def move(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Log-ins of the time when Django's own table held them go on."""
    connection = schema_editor.connection
    if OLD not in connection.introspection.table_names():
        return
    sessions = apps.get_model("accounts", "Session")
    users = set(apps.get_model("accounts", "User").objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT session_key, session_data, expire_date FROM {OLD} WHERE expire_date > %s",  # noqa: S608
            [timezone.now()],
        )
        rows = cursor.fetchall()
    for key, data, expires in rows:
        owner = SessionStore().decode(data).get(SESSION_KEY)
        if owner and uuid.UUID(owner) in users:
            sessions.objects.create(
                session_key=key,
                session_data=data,
                expire_date=expires if timezone.is_aware(expires) else timezone.make_aware(expires),
                user_id=owner,
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions_know_their_user")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
