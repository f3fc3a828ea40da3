"""The web process's workers, which `manage.py run_web` has granian hold."""

import os

from django.core.wsgi import get_wsgi_application

from restaurant.logs import crashes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

# Granian's workers load this file, each for itself, after they were forked.
with crashes.told():
    application = get_wsgi_application()

    from restaurant import needs
    from restaurant.heartbeat import Heart

    needs.require("web")
    Heart("web").start()
