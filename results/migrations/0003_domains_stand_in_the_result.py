from collections import defaultdict
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIELDS = ("code", "title", "weight", "correct", "total", "meets")


def take_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From a row for each domain of a result to one list in the result."""
    domains: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for result, *values in (
        apps.get_model("results", "DomainResult")
        .objects.order_by("result_id", "code")
        .values_list("result_id", *FIELDS)
    ):
        domains[result].append(dict(zip(FIELDS, values, strict=True)))
    results = apps.get_model("results", "Result").objects
    for result, rows in domains.items():
        results.filter(pk=result).update(domains=rows)


class Migration(migrations.Migration):
    dependencies = [("results", "0002_learning")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
