"""How static files are stored: hashed names, gzip and brotli beside each."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of ES modules to hashed names; Django leaves them alone unless told.

    Without it a module would import its neighbour by the plain name, which is not kept.
    """

    support_js_module_import_aggregation = True
