"""The live process: `manage.py run_live` serves it by uvicorn.

Live streams alone: everything else is the web process's (`restaurant.wsgi`).
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
django.setup()

from restaurant import needs  # noqa: E402 - they read the settings
from restaurant.live.app import Live  # noqa: E402

needs.require("live")
application = Live()
