"""Which text people may write: it is read on kitchen screens and printed on labels."""

import re
import unicodedata

from django.utils.translation import gettext as _

# Zalgo: real scripts stack a few marks on a letter, never this many.
MOST_MARKS = 8

_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but for tab and line ends
    "\u202a-\u202e\u2066-\u2069"  # bidirectional overrides: they show other text than is there
    "\ud800-\udfff"  # halves of surrogate pairs, which no database keeps
    f"\ufdd0-\ufdef{_NONCHARACTERS}]"
)
# The same for who reads the API's schema, as far as its regular expressions go.
_PLAIN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
PATTERN = f"^[^{_PLAIN}]*$"
# And not blank.
SAID_PATTERN = rf"^[^{_PLAIN}]*[^\s{_PLAIN}][^{_PLAIN}]*$"


def problem_of(text: str) -> str | None:
    """Say what is wrong with a text, None when nothing is."""
    if found := _REFUSED.search(text):
        told = _("Leave out the character U+%(code)s: nobody could read it.")
        return told % {"code": f"{ord(found[0]):04X}"}
    if not text.isascii() and _longest_run_of_marks(text) > MOST_MARKS:
        return _("Put at most %(count)d marks on a character.") % {"count": MOST_MARKS}
    return None


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char).startswith("M") else 0
        longest = max(longest, run)
    return longest
