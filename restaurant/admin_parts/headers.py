"""A list's headers, worked out once a page.

Unfold's tag works all of them out again for each row that it draws: a third of a list's time, and
more the longer the filters in the address are, since each header holds three addresses with them.
"""

from typing import Any

from unfold.templatetags import unfold_list

_work_out = unfold_list.result_headers


def result_headers(cl: Any) -> list[dict[str, Any]]:
    """Give the headers of a `ChangeList`, as Unfold's function of that name does."""
    if "known_headers" not in vars(cl):
        cl.known_headers = [*_work_out(cl)]
    found: list[dict[str, Any]] = cl.known_headers
    return found


unfold_list.result_headers = result_headers
