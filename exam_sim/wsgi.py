"""The WSGI application that the server loads.

What is loaded by then stays for good. It is left out of the garbage collector's search, which would otherwise
hold up, by 80 ms, every tenth request for a page that reads as much as the progress page does.
"""

import gc
import os
from importlib import import_module

import django
from django.conf import settings

from exam_sim.handler import Utf8Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_sim.settings")

django.setup(set_prefix=False)
application = Utf8Handler()

import_module(settings.ROOT_URLCONF)  # and with it every view: Django would wait for the first request
gc.collect()
gc.freeze()
