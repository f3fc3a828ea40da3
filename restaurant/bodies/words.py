"""What is wrong with a part of a body, in sentences that can stand where a person typed it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_GIVE = {
    str: gettext_lazy("Give a text."),
    int: gettext_lazy("Give a whole number."),
    bool: gettext_lazy("Give true or false."),
    list: gettext_lazy("Give a list."),
    dict: gettext_lazy("Give an object."),
}


def give(kind: type) -> str:
    """Name the type that a value should have had."""
    return str(_GIVE[kind])


def required() -> str:
    return _("This field is required.")


def unknown() -> str:
    return _("There is no such field.")


def null() -> str:
    return _("This field may not be null.")


def blank() -> str:
    return _("This field may not be blank.")


def number_between(least: int, most: int) -> str:
    return _("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}


def longest_text(most: int) -> str:
    told = ngettext("Give at most %(count)d character.", "Give at most %(count)d characters.", most)
    return told % {"count": most}


def shortest_text(least: int) -> str:
    told = ngettext(
        "Give at least %(count)d character.", "Give at least %(count)d characters.", least
    )
    return told % {"count": least}


def longest_list(most: int) -> str:
    told = ngettext("Give at most %(count)d entry.", "Give at most %(count)d entries.", most)
    return told % {"count": most}


def shortest_list(least: int) -> str:
    told = ngettext("Give at least %(count)d entry.", "Give at least %(count)d entries.", least)
    return told % {"count": least}
