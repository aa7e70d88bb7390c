import json
from typing import Any

from django.core.management.base import BaseCommand

from questions.formats.exchange import json_schema


class Command(BaseCommand):
    help = "Print the JSON Schema of the exchange format, as docs/exchange-format.schema.json holds it."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        self.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False))
