"""Sending no more than a client needs: nothing of what it has (RFC 9110, 13), less of the rest.

Every JSON that the API is read for has an ETag: a view's own, or a digest of its content.
"""

from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_etags

from restaurant.gzipped import LEAST_BYTES, compress, takes_gzip
from restaurant.methods import READING

KINDS = ("application/json", "application/vnd.oai.openapi", "application/yaml")
# What belongs to the content that a 304 does not have.
OF_CONTENT = ("Content-Type", "Content-Length", "Content-Disposition")
# How long what is read may be kept, where a view does not say.
KEPT = "private, no-cache"


def tag_of(content: bytes) -> str:
    """Give the ETag of what has none of its own."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


class Conditional:
    """Answers 304 to who has the answer already, 412 to who wants another, and else compresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_read = request.method in READING and response.status_code == HTTPStatus.OK
        # Streams are not.
        if not is_read or not isinstance(response, HttpResponse):
            return response
        if not request.path_info.startswith("/api/"):
            return response
        if not response.headers.get("Content-Type", "").startswith(KINDS):
            return response
        kept = response.headers.get("Cache-Control")
        if kept is None:
            response.headers["Cache-Control"] = KEPT
        elif "no-store" in kept:
            return response
        return _fresh(request, response)


def _fresh(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    content = response.content
    own = response.headers.get("ETag")
    etag = own or tag_of(content)
    is_long = len(content) >= LEAST_BYTES
    is_gzipped = is_long and takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    if is_gzipped:
        # Of other bytes than the plain one, so it may be no strong tag of both (8.8.1).
        etag = etag if etag.startswith("W/") else f"W/{etag}"
    if etag != own:
        response.headers["ETag"] = etag
    if is_long:
        # Django's own way looks for it first, for longer than all the rest here takes.
        varies = response.headers.get("Vary")
        response.headers["Vary"] = f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"
    if (wanted := request.META.get("HTTP_IF_MATCH")) is not None and not _wants(wanted, etag):
        return HttpResponse(status=HTTPStatus.PRECONDITION_FAILED)
    if (known := request.META.get("HTTP_IF_NONE_MATCH")) is not None and _knows(known, etag):
        return _not_modified(response)
    if is_gzipped:
        response.content = compress(content)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.content))
    return response


def _wants(wanted: str, etag: str) -> bool:
    """Compare strongly (8.8.3.2): a weak tag is nobody's."""
    tags = parse_etags(wanted)
    return tags == ["*"] or (etag in tags and not etag.startswith("W/"))


def _knows(known: str, etag: str) -> bool:
    """Compare weakly."""
    tags = parse_etags(known)
    return tags == ["*"] or etag.removeprefix("W/") in (tag.removeprefix("W/") for tag in tags)


def _not_modified(response: HttpResponse) -> HttpResponse:
    response.status_code = HTTPStatus.NOT_MODIFIED
    response.content = b""
    for header in OF_CONTENT:
        response.headers.pop(header, None)
    return response
