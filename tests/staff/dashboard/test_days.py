"""The days that are asked for, by the clock and in the language of the reader."""

from datetime import UTC, datetime

import pytest
from django.test import Client, override_settings

from tests.staff.dashboard.ground import CSV, LOOK, PAGE, fill, texts

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("at_noon"),
]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("range=century", "There is no such range: century."),
        ("from=yesterday", "“yesterday” is no date"),
        ("from=2026-02-30&to=2026-03-01", "“2026-02-30” is no date"),
        ("from=2026-11-10&to=2026-11-01", "The first day is after the last one."),
        ("from=2026-11-10&to=2026-11-25", "The last day is in the future."),
        ("from=2024-11-10&to=2026-11-01", "at most 366 days"),
        ("from=0001-01-01&to=0001-01-02", "before 2000"),
        ("from=%00&to=%00", "is no date"),
    ],
)
def test_it_says_what_is_wrong_with_the_days(manager: Client, query: str, said: str) -> None:
    answer = manager.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert said in texts(answer)
    assert answer.context["figures"].period.preset == "today"
    for address in (LOOK, CSV):
        answer = manager.get(f"{address}?{query}")
        assert answer.status_code == 400
        assert said in (answer.json()["say"] if address == LOOK else answer.content.decode())


def test_it_shows_the_days_of_the_restaurants_clock(manager: Client) -> None:
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        period = manager.get(PAGE).context["figures"].period
        assert f"{period.first}" == "2026-11-25"
        assert period.start == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def test_it_opens_in_russian(manager: Client) -> None:
    fill()
    assert manager.get(PAGE, headers={"accept-language": "ru"}).status_code == 200
    link = manager.get(PAGE, headers={"accept-language": "ru"}).context["figures"].kpis[1].link
    english = manager.get(link).context["cl"].queryset.count()
    russian = manager.get(link, headers={"accept-language": "ru"}).context["cl"].queryset.count()
    assert english == russian > 0
