"""The WSGI application that the server loads.

What is loaded by then stays for good. It is left out of the garbage collector's search, which would otherwise
hold up, by 80 ms, every tenth request for a page that reads as much as the progress page does.
"""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_sim.settings")

application = get_wsgi_application()

import_module(settings.ROOT_URLCONF)  # and with it every view: Django would wait for the first request
gc.collect()
gc.freeze()
