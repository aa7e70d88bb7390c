from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "exam_sim.accounts"
    label = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exam_sim.accounts.roles import set_permissions  # models are not loaded before

        post_migrate.connect(set_permissions, dispatch_uid="accounts.roles")
