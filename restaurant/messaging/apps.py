from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Outbox, inbox, relay, consumer, timers, dead letters; it has no tables of its own.

    Each service that speaks Kafka keeps these tables in its own database, by subclassing the
    abstract models in `models.py`.
    """

    name = "restaurant.messaging"

    def ready(self) -> None:
        from restaurant import bulk

        bulk.teach_sqlite()
