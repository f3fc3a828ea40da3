"""Making a view's method answer a repeated request as it answered the first."""

from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.answers import answer
from restaurant.idempotency import refusals
from restaurant.idempotency.keys import Key, fingerprint, key_of
from restaurant.idempotency.models import KeptAnswer, kept_answers_of
from restaurant.idempotency.running import hold, lock
from restaurant.idempotency.schema import PARAMETERS, REPLAYED

Method = Callable[..., HttpResponseBase]


def keyed(*, using: str) -> Callable[[Method], Method]:
    """Run a DRF view's method once for each key, in one transaction of a service with its answer.

    The view asks for a user; its answer is JSON. Describes the headers in the schema; the view's
    own `extend_schema`, and a view set's `action`, go around it. It answers 400, 409 and 422 for
    keys, beside what the method answers.
    """

    def decorate(method: Method) -> Method:
        @extend_schema(parameters=PARAMETERS)
        @wraps(method)
        def repeatable(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            key = key_of(request)
            run = partial(method, view, request, *args, **kwargs)
            if key is None:
                return run()
            with hold(key):
                return _once(request, key, run, using)

        return repeatable

    return decorate


def _once(
    request: Request, key: Key, run: Callable[[], HttpResponseBase], using: str
) -> HttpResponseBase:
    request_hash = fingerprint(request._request.body)
    with transaction.atomic(using=using):
        lock(key, using=using)
        found = _find(key, using)
        if found is not None:
            return _again(request, found, request_hash)
        response = run()
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True, using=using)
            return response
        kept = _keep(response, key, request_hash, using)
    # Told from what was kept, so that the first answer cannot differ from the next.
    return _tell(request, kept)


def _find(key: Key, using: str) -> KeptAnswer | None:
    kept: KeptAnswer | None = (
        kept_answers_of(using)
        .objects.filter(user_id=key.user_id, route=key.route, key=key.text)
        .first()
    )
    return kept


def _again(request: Request, kept: KeptAnswer, request_hash: str) -> HttpResponseBase:
    if kept.request_hash != request_hash:
        raise refusals.reused()
    response = _tell(request, kept)
    response[REPLAYED] = "true"
    return response


def _keep(response: Any, key: Key, request_hash: str, using: str) -> KeptAnswer:
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    kept: KeptAnswer = kept_answers_of(using).objects.create(
        user_id=key.user_id,
        route=key.route,
        key=key.text,
        request_hash=request_hash,
        status=response.status_code,
        headers=headers,
        body=_json(response),
        created_at=timezone.now(),
    )
    return kept


def _json(response: Any) -> bytes:
    if isinstance(response, Response):
        rendered: bytes = JSONRenderer().render(response.data)
        return rendered
    content: bytes = response.content
    return content


def _tell(request: Request, kept: KeptAnswer) -> HttpResponseBase:
    return answer(request, bytes(kept.body), status=kept.status, headers=kept.headers)
