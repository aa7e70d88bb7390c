"""The product's own settings; the one difference is that static files are served as they lie, because hashing
and compressing them takes longer than a short run may."""

from exam_sim.settings import *  # noqa: F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
