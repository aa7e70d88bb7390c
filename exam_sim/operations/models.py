from django.db import models


class Heartbeat(models.Model):
    """When a part of the site that answers nobody was last well. Written by `operations.heartbeat`."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
