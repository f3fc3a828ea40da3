"""Ninety days of a busy restaurant, written into PostgreSQL by a few statements."""

from datetime import UTC, datetime

from tests.benchmarks.system import System

# What each order is, by its number. Ids are UUIDv7 of the moment, as the services make them.
ORDERS = """
    CREATE TEMP VIEW past AS
    SELECT i,
           md5(i::text) AS dice,
           at,
           (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || substr(md5(i::text), 1, 3) || 'a' || substr(md5(i::text), 4, 15))::uuid AS id,
           CASE WHEN i > {count} - 200 THEN 'cooking' WHEN i % 50 = 0 THEN 'cancelled'
                WHEN i % 97 = 0 THEN 'delivery_failed' ELSE 'delivered' END AS status,
           interval '1 second' * (300 + i * 7919 % 1200) AS cooks,
           interval '1 second' * (300 + i * 104729 % 1800) AS drives
    FROM (SELECT i, timestamptz '{now}' - interval '90 days' * ({count} - i) / {count} AS at
          FROM generate_series(1::bigint, {count}) AS i) AS numbers
"""
FILLS = {
    "orders": (
        """
        INSERT INTO orders_order (id, public_id, customer_id, status, status_rank, currency, total,
            cancel_requested, address, note, version, correlation_id, created_at, updated_at,
            overdue_reason)
        SELECT i, id, id, status, CASE status WHEN 'cooking' THEN 20 ELSE 100 END, 'EUR',
            19.00 + i % 7, false, '12 Canal Street', '', 5, '', at, at + cooks + drives, ''
        FROM past
        """,
        """
        INSERT INTO orders_orderline (order_id, sku, name, quantity, unit_price, station,
            preparation_seconds, note, options)
        SELECT i, 'DISH-' || dish, 'Dish ' || dish, 1 + i % 2, 9.50, 'oven', 480, '', '[]'
        FROM past, LATERAL (SELECT (i * (1 + line) * 31 % 40)::text AS dish
                            FROM generate_series(0, 1) AS line) AS lines
        """,
        "SELECT setval(pg_get_serial_sequence('orders_order', 'id'), {count})",
    ),
    "kitchen": (
        """
        INSERT INTO kitchen_station (code, name, mode, is_open)
        SELECT 'place-' || i, 'Place ' || i, 'manual', true FROM generate_series(1, 4) AS i
        """,
        """
        INSERT INTO kitchen_kitchenorder (order_id, number, status, open_tickets, address, note,
            reason, correlation_id, created_at, updated_at)
        SELECT id, i, CASE status WHEN 'cancelled' THEN status WHEN 'cooking' THEN status
                      ELSE 'cooked' END,
            CASE status WHEN 'cooking' THEN 1 ELSE 0 END, '', '',
            CASE status WHEN 'cancelled' THEN 'reason ' || i % 5 ELSE '' END, '', at, at + cooks
        FROM past
        """,
        """
        INSERT INTO kitchen_ticket (order_id, station_id, status, lines, preparation_seconds,
            queued_at, started_at, done_at)
        SELECT id, stations.first + i % 4,
            CASE status WHEN 'cooking' THEN status WHEN 'cancelled' THEN status ELSE 'done' END,
            '[]', 480, at, at,
            CASE WHEN status IN ('cooking', 'cancelled') THEN NULL ELSE at + cooks END
        FROM past, (SELECT min(id) AS first FROM kitchen_station WHERE code LIKE 'place-%') stations
        """,
    ),
    "delivery": (
        """
        INSERT INTO delivery_courier (id, name, phone, mode, on_shift)
        SELECT gen_random_uuid(), 'Courier ' || i, '', 'manual', true
        FROM generate_series(1, 8) AS i
        """,
        """
        INSERT INTO delivery_delivery (order_id, number, address, note, status, courier_id,
            attempt, dispatched_at, delivered_at, failed_at, failure_reason, correlation_id,
            created_at, updated_at)
        SELECT past.id, i, '', '',
            CASE status WHEN 'delivered' THEN status ELSE 'failed' END,
            couriers.ids[(1 + i % array_length(couriers.ids, 1))::int], 1, at + cooks,
            CASE status WHEN 'delivered' THEN at + cooks + drives END,
            CASE status WHEN 'delivered' THEN NULL ELSE at + cooks + drives END,
            CASE status WHEN 'delivered' THEN '' ELSE 'nobody at home' END, '', at, at
        FROM past, (SELECT array_agg(id) AS ids FROM delivery_courier) AS couriers
        WHERE status IN ('delivered', 'delivery_failed')
        """,
    ),
}


def write(system: System, *, count: int) -> None:
    """Write so many orders, the last of them placed now, with lines, tickets and deliveries."""
    now = datetime.now(UTC).isoformat()
    for alias, statements in FILLS.items():
        with system.sql(alias) as sql:
            for statement in (ORDERS, *statements):
                sql.execute(statement.format(count=count, now=now))
            sql.execute("VACUUM ANALYZE")
