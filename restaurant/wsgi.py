"""The web process: `granian --interface wsgi restaurant.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

application = get_wsgi_application()

from restaurant.heartbeat import Heart  # noqa: E402 - it reads the settings

# Granian's workers load this file, each for itself, after they were forked.
Heart("web").start()
