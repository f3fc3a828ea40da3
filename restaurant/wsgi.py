"""The web process's workers, which `manage.py run_web` has granian hold."""

import gc
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from restaurant.logs import crashes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

# Granian's workers load this file, each for itself, after they were forked.
with crashes.told():
    _django = get_wsgi_application()

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


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request; whole, unless with a stream or a file.

    Granian sends a list at once. What it has to iterate over goes through a channel in pieces, and
    takes the interpreter's lock again for each.
    """
    answer: Any = _django(environ, start_response)
    if answer.streaming:
        return answer  # type: ignore[no-any-return]
    # As the server would, once it has sent it.
    answer.close()
    return [answer.content]
