"""Notes that must not be overlooked."""

import re

# Stems, so that "allergic", "allergies" and "аллергия" are found alike. A word too many stands out
# for nothing; a word too few may harm a guest: hence also the allergens of EU Regulation 1169/2011,
# annex II, where somebody writes no more than "no nuts".
_STEMS = (
    *("allerg", "intoleran", "anaphyla", "epipen", "coeliac", "celiac", "gluten", "lactose"),
    *("dairy", "nut", "peanut", "almond", "hazelnut", "cashew", "pistachio", "walnut", "sesame"),
    *("soy", "shellfish", "crustacean", "shrimp", "prawn", "mollusc", "lupin", "celery"),
    *("mustard", "sulphite", "sulfite", "egg(?!plant)", "fish"),
    *("аллерг", "неперенос", "анафила", "глютен", "целиак", "лактоз", "орех", "арахис"),  # noqa: RUF001
    *("миндал", "фундук", "кешью", "фисташ", "кунжут", "сои", "соя", "моллюск", "креветк"),
    *("сельдере", "горчиц", "люпин", "сульфит", "яйц", "рыб"),
)
_ALLERGY = re.compile(rf"\b(?:{'|'.join(_STEMS)})", re.IGNORECASE)


def is_allergy(note: str) -> bool:
    """Tell whether a guest's note, in English or Russian, may be about an allergy."""
    return bool(_ALLERGY.search(note))
