"""Which static files are collected, and how they are stored: hashed names, gzip and brotli beside each."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStaticFiles(StaticFilesConfig):
    """Leaves out the extensions and the next version of htmx: no page loads them, and type comments in them look
    like imports of modules that are not there. And what the administration loads in a shorter form, because
    compressing the long one takes as long as compressing all the rest.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/ext/*",
        "django_htmx/htm*x-4*",
        "admin/js/vendor/jquery/jquery.js",
        "admin/js/vendor/select2/select2.full.js",
        "admin/js/vendor/xregexp/xregexp.js",
    ]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of ES modules to hashed names; Django leaves them alone unless told.

    Without it a module would import its neighbour by the plain name, which is not kept.
    """

    support_js_module_import_aggregation = True
