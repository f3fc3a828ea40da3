"""The catalogue as a page of the documentation, `docs/reference/errors.md`."""

from django.conf import settings

from restaurant.problems.catalogue import KINDS, Kind
from restaurant.problems.parts import PARTS

PAGE = settings.BASE_DIR / "docs" / "reference" / "errors.md"
HEAD = """\
# Errors

<!-- Made from restaurant/problems/catalogue.py by `make reference`. -->

Every error of the API, whoever answers it, is problem details
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) of the media type `application/problem+json`:

```json
{
  "type": "/problems/invalid/",
  "title": "Some of what was sent is not valid",
  "status": 400,
  "code": "invalid",
  "detail": "Some of what was sent is not valid. Correct what `errors` names, and send it again.",
  "errors": [
    {"pointer": "/lines/0/sku", "code": "unknown_sku", "detail": "The menu has no BURGER."}
  ],
  "request_id": "0d9f1b5c2ad84d0f8e0d5a52ac3f0a5e"
}
```

- `code` is for programs. It stays the same for ever, and has one status. `type` is the address of
  its explanation on the same server, as a page and as JSON; `/problems/` lists all.
- `detail` is for people: what happened, and what to do, in the language of `Accept-Language`
  (English or Russian). Its wording may change at any time. `title` is for developers, in English.
- `errors` stands there when parts of the request are to blame. Each has a `code` and a `detail`,
  and says which part: of the body by `pointer`, a JSON pointer
  ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)), or a query parameter by `parameter`.
- `request_id` finds the request in the server's logs; the header `X-Request-ID` has it too.
- `Retry-After`, in seconds, comes with 429 and 503.

What is no HTTP is not told so. The proxy, HAProxy, refuses it before it knows of our words, with
400, 408 or 422 and a short page of HTML, and closes the connection: a request line or a header that
cannot be read, more than 80 KB or 500 of them, chunks that are none from the first, or a head that
takes longer than ten seconds. A web process without the proxy before it refuses with 400, 414 or
431 and no body.

| code | status | what it says |
| --- | --- | --- |
"""
TAIL = """
In `errors`, parts of a request have codes of their own:

| code | what is wrong with the part |
| --- | --- |
"""


def page() -> str:
    """Give the page's Markdown."""
    parts = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in PARTS.items())
    return "".join((HEAD, *map(_row, KINDS), TAIL, parts, *map(_section, KINDS)))


def _row(kind: Kind) -> str:
    return f"| [`{kind.code}`](#{kind.code}) | {kind.status} | {kind.title} |\n"


def _section(kind: Kind) -> str:
    return f"\n## {kind.code}\n\n{kind.status}: {kind.title}. {kind.meaning}\n\n{kind.advice}\n"
