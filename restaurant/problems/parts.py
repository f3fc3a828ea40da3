"""The codes in `errors`: what is wrong with one part of a request. They stay the same, too."""

from typing import Final

_OF_MANY: Final = {
    "required": "The part is missing.",
    "null": "It is null and may not be.",
    "blank": "It is empty, or has nothing but spaces.",
    "invalid": "It is not of the form that it has to be; `detail` says which that is.",
    "wrong_type": "It is of another JSON type.",
    "unknown_field": "There is no such field.",
    "out_of_range": "A number or a time is too low or too high.",
    "too_short": "A text or a list is too short.",
    "too_long": "A text or a list is too long.",
    "bad_text": "A text has characters that may not stand there, such as control characters.",
}
_OF_ORDERS: Final = {
    "unknown_sku": "The menu has no such dish.",
    "unavailable": "The dish is not available now.",
    "unknown_option": "The dish has no such option.",
    "duplicate_option": "An option is chosen twice.",
    "too_few_options": "More options of a group must be chosen.",
    "too_many_options": "Fewer options of a group may be chosen.",
}
_OF_ACCOUNTS: Final = {
    "email_taken": "The e-mail has an account already.",
    "code_needed": "A code of the second factor is needed.",
    "wrong_code": "The code of the second factor is wrong.",
    "password_too_short": "The password is too short.",
    "password_too_common": "The password is one of those that everybody tries.",
    "password_entirely_numeric": "The password has digits alone.",
    "password_too_similar": "The password is too much like the e-mail or the name.",
}
_OF_QUERIES: Final = {
    "invalid_choice": "The parameter has no such value.",
    "unknown_parameter": "There is no such query parameter.",
    "repeated_parameter": "The query parameter takes one value.",
}
# How libraries name the same.
OF_LIBRARIES: Final = {
    **dict.fromkeys(("min_value", "max_value"), "out_of_range"),
    **dict.fromkeys(("min_length", "empty"), "too_short"),
    **dict.fromkeys(("max_length", "max_string_length"), "too_long"),
    **dict.fromkeys(("not_a_list", "not_a_dict", "invalid_list"), "wrong_type"),
    "null_characters_not_allowed": "bad_text",
    "surrogate_characters_not_allowed": "bad_text",
}
PARTS: Final = {**_OF_MANY, **_OF_ORDERS, **_OF_ACCOUNTS, **_OF_QUERIES}
