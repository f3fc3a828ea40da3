"""What a request to follow asks for."""

import pytest
from django.utils.translation import override

from restaurant.live.following import accepting, asked
from restaurant.live.following.asked import Asked, NotReadable
from tests.problems.test_languages import is_russian

pytestmark = pytest.mark.once


def read(query: dict[str, list[str]], accept: str = "", last: str | None = None) -> Asked:
    return asked.read(query, accept=accept, last_event_id=last)


@pytest.mark.parametrize(
    ("query", "last", "wanted"),
    [
        ({}, None, Asked(0, 0)),
        ({"after": ["3"]}, None, Asked(3, 0)),
        ({"after": ["3"], "wait": ["30"]}, None, Asked(3, 30)),
        ({"after": ["3"], "wait": ["0"]}, "5", Asked(5, 0)),
        ({"after": ["3"]}, "0", Asked(0, 0)),
    ],
)
def test_it_reads(query: dict[str, list[str]], last: str | None, wanted: Asked) -> None:
    assert read(query, last=last) == wanted


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8, */*;q=0.1", True),
        ("text/event-stream, application/json;q=0.9", True),
        ("application/json, text/event-stream", True),
        ("application/xml, text/event-stream;q=0.1", True),
        ("text/*", True),
        ("text/event-stream; q=5", True),
        ("application/json, text/event-stream;q=0.5", False),
        ("application/json; charset=utf-8, text/event-stream;q=0.1", False),
        ("application/json, text/*", False),
        ("application/json, */*", False),
        ("text/*, application/*", False),
        ("text/*;q=0.3, */*;q=0.4", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream; q=0.00", False),
        ("text/event-streams", False),
    ],
)
def test_it_knows_who_wants_a_stream(accept: str, is_stream: bool) -> None:
    assert read({}, accept).is_stream == is_stream


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        *(("after", value, "invalid") for value in ("+1", "1.0", "٣", "one", " 1")),
        *(("after", value, "out_of_range") for value in ("-1", "9" * 19)),
        *(("wait", "31", "out_of_range"), ("wait", "1e1", "invalid")),
        *(("after", "", "blank"), ("wait", "", "blank")),
    ],
)
def test_it_refuses_what_is_no_number_of_ours(name: str, value: str, code: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read({name: [value]})
    assert refused.value.code == "invalid"
    (error,) = refused.value.errors
    assert (error.parameter, error.code) == (name, code)


def test_it_names_all_that_is_wrong() -> None:
    with pytest.raises(NotReadable) as refused:
        read({"since": ["1"], "after": ["x"], "wait": ["99"]}, "text/event-stream")
    assert refused.value.code == "unknown_parameter"
    assert [(error.parameter, error.code) for error in refused.value.errors] == [
        *(("since", "unknown_parameter"), ("after", "invalid")),
        *(("wait", "out_of_range"), ("wait", "invalid")),
    ]


@pytest.mark.parametrize(
    ("accept", "is_answered"),
    [
        *(
            (accept, True)
            for accept in ("", "*/*", "application/*", "text/*", "text/html, */*;q=0.1")
        ),
        *((accept, True) for accept in ("application/json;q=0.001", "*/*;q=0, text/event-stream")),
        *((accept, False) for accept in ("application/xml", "text/html", "*/*;q=0", "json")),
        ("application/json;q=0, text/event-stream;q=0.0, */*", False),
    ],
)
def test_it_knows_what_cannot_be_answered(accept: str, is_answered: bool) -> None:
    assert accepting.is_answered(accept) == is_answered


def test_it_refuses_what_it_does_not_know() -> None:
    with pytest.raises(NotReadable) as refused:
        read({"since": ["1"]})
    assert refused.value.code == "unknown_parameter"
    assert [error.parameter for error in refused.value.errors] == ["since"]
    with pytest.raises(NotReadable) as refused:
        read({"after": ["1", "2"]})
    assert refused.value.code == "repeated_parameter"


@pytest.mark.parametrize("last", ["seven", "", "-1"])
def test_it_refuses_an_id_that_was_never_given(last: str) -> None:
    with pytest.raises(NotReadable, match="Last-Event-ID") as refused:
        read({}, "text/event-stream", last)
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize(
    ("query", "accept", "last"),
    [
        *((query, "", None) for query in ({"since": ["1"]}, {"after": ["1", "2"]})),
        *((query, "", None) for query in ({"after": ["x"]}, {"wait": [""]}, {"wait": ["31"]})),
        ({"wait": ["20"]}, "text/event-stream", None),
        ({}, "", "seven"),
    ],
)
def test_it_says_so_in_the_clients_language(
    query: dict[str, list[str]], accept: str, last: str | None
) -> None:
    with override("ru"), pytest.raises(NotReadable) as refused:
        read(query, accept, last)
    told = [str(refused.value), *(error.detail for error in refused.value.errors)]
    assert any(told)
    for text in filter(None, told):
        assert is_russian(text), text


def test_it_has_no_stream_wait_for_so_long() -> None:
    with pytest.raises(NotReadable) as refused:
        read({"wait": ["20"]}, "text/event-stream")
    (error,) = refused.value.errors
    assert (error.parameter, error.code) == ("wait", "invalid")
