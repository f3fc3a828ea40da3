"""Text that a spreadsheet would take for a formula, made safe in CSV and read back as it was.

A text that begins with one of `= + - @`, a tab or a line end gets an apostrophe before it, and so
does one that looks as if it had got one; reading takes one away. OWASP, "CSV Injection".
"""

import re

# The last four are the wide forms that are typed with Chinese and Japanese text.
_BEGINNINGS = "=+@\t\r\n\\-\uff1d\uff0b\uff0d\uff20"
_RISKY = re.compile(f"'*[{_BEGINNINGS}]")
_GUARDED = re.compile(f"'+[{_BEGINNINGS}]")


def guarded(text: str) -> str:
    """Give a text as it is safe in a cell of a CSV file."""
    return f"'{text}" if _RISKY.match(text) else text


def plain(text: str) -> str:
    """Give the text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet may take a text for a formula."""
    return bool(_RISKY.match(text)) and not text.startswith("'")
