"""One shape for every error of the API: RFC 9457 problem details.

    {"type": "/problems/invalid/", "title": "Some of what was sent is not valid", "status": 400,
     "code": "invalid", "detail": "…",
     "errors": [{"pointer": "/lines/0/sku", "code": "unknown_sku", "detail": "…"}],
     "request_id": "…"}

`type` is the address of the error's explanation; `errors` stands there only when parts of the
request are to blame: of the body by a JSON pointer (RFC 6901), or a query parameter by its name.

Views need no more than is named here. The live process reads it too, without loading DRF's views.
"""

from restaurant.problems.catalogue import CATALOGUE, UnlistedCode
from restaurant.problems.problem import MEDIA_TYPE, FieldError, ParameterError, Problem
from restaurant.problems.schema import SCHEMA, documented

__all__ = [
    "CATALOGUE",
    "MEDIA_TYPE",
    "SCHEMA",
    "FieldError",
    "ParameterError",
    "Problem",
    "UnlistedCode",
    "documented",
]
