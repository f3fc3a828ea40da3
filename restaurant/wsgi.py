"""The web process's workers, which `manage.py run_web` has granian hold."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from restaurant.logs import crashes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

# Granian's workers load this file, each for itself, after they were forked.
with crashes.told():
    application = get_wsgi_application()

    from restaurant import connections, needs
    from restaurant.heartbeat import Heart

    needs.require("web")
    connections.install()
    # Every page's code now, not at each worker's first request.
    get_resolver().url_patterns  # noqa: B018 - it loads them
    # It stays for good. Looked through again and again, it would hold up all threads at once.
    gc.collect()
    gc.freeze()
    Heart("web").start()
