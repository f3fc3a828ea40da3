from typing import Any

from django.core.checks import Tags

from kitchen.worker import worker
from restaurant.daemon import Daemon
from restaurant.messaging import runner


class Command(Daemon):
    help = (
        "Run the kitchen: take orders, cook, answer cancels. Ends on SIGTERM or Ctrl-C. "
        "Several may run at once. Example: manage.py run_kitchen"
    )

    # The others would load every page of the web process.
    requires_system_checks = (Tags.security,)

    def handle(self, *args: Any, **options: Any) -> None:
        runner.run(worker)
