"""A menu file: YAML or JSON, by `schema.json`. Everything that is wrong with it is told at once."""

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext

from orders.errors import MenuRefused
from orders.menu.rules import problems_of

Menu = dict[str, Any]


def read(path: Path) -> Menu:
    """Read and check a menu file. Raises `MenuRefused` with every problem and its path."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MenuRefused([f"{path}: {error.strerror}"]) from error
    return checked(parse(data, name=str(path)))


def checked(menu: Any) -> Menu:
    """Give a menu that keeps every rule. Raises `MenuRefused` with every problem and its path."""
    if problems := problems_of(menu):
        raise MenuRefused([problem.told() for problem in problems])
    kept: Menu = menu
    return kept


class _Loader(yaml.SafeLoader):
    """Keeps the digits of a number with a fraction, and refuses the same key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in keys.items():
            if count > 1:
                told = gettext("%(key)r stands here more than once")
                problem = told % {"key": key}
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_decimal(self, node: yaml.ScalarNode) -> Decimal:
        return Decimal(self.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)


def parse(data: bytes, *, name: str) -> Any:
    """Give what YAML or JSON says; `name` is the file's. Raises `MenuRefused` if neither."""
    try:
        # JSON is YAML too.
        return yaml.load(data, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except InvalidOperation as error:
        told = gettext("a number cannot be read")
        raise MenuRefused([f"{name}: {told}"]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MenuRefused([f"{name}: {error}"]) from error


def as_yaml(menu: Menu) -> bytes:
    """Write a menu as YAML."""
    return yaml.safe_dump(menu, allow_unicode=True, sort_keys=False, width=100).encode()


def as_json(menu: Menu) -> bytes:
    """Write a menu as JSON."""
    return (json.dumps(menu, indent=2, ensure_ascii=False) + "\n").encode()


def normal(menu: Menu) -> Menu:
    """Give a checked menu with all that may be left out, and prices as text with two places."""
    return {
        "currency": menu["currency"],
        "categories": [
            {"name": category["name"], "items": [_normal_item(item) for item in category["items"]]}
            for category in menu["categories"]
        ],
    }


def _normal_item(item: dict[str, Any]) -> dict[str, Any]:
    names = ("sku", "name", "station", "prep_seconds")
    return {
        **{name: item[name] for name in names},
        "description": item.get("description", ""),
        "price": _amount(item["price"]),
        # Left out, it stays as staff set it.
        **({"available": item["available"]} if "available" in item else {}),
        "option_groups": [_normal_group(group) for group in item.get("option_groups", [])],
    }


def _normal_group(group: dict[str, Any]) -> dict[str, Any]:
    options = [
        {"sku": o["sku"], "name": o["name"], "price": _amount(o.get("price", 0))}
        for o in group["options"]
    ]
    limits = {"min": group.get("min", 0), "max": group.get("max", 1)}
    return {"name": group["name"], **limits, "options": options}


def _amount(price: Any) -> str:
    return f"{Decimal(price):.2f}"
