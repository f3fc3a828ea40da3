from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from restaurant import topics
from restaurant.messaging.errors import BrokerUnavailable


class Command(BaseCommand):
    help = (
        "Create each event's Kafka topic and its dead letters', with the partitions, replication "
        "and retention of the settings. Topics that exist stay as they are. "
        "Example: KAFKA_BOOTSTRAP_SERVERS=kafka:9092 manage.py create_topics"
    )
    # They would load every page of the web process, and need its secret.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        if settings.KAFKA_IS_EMBEDDED:
            self.stdout.write("The embedded broker makes its own topics: nothing to do.")
            return
        try:
            made = topics.create()
        except BrokerUnavailable as error:
            raise CommandError(f"{settings.KAFKA_BOOTSTRAP_SERVERS}: {error}") from None
        for name, is_new in made.items():
            self.stdout.write(f"{name}: {'created' if is_new else 'there already'}")
