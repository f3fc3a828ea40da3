"""A menu file: YAML or JSON, by `schema.json`. Everything that is wrong with it is told at once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from jsonschema import Draft202012Validator, ValidationError

from orders.errors import MenuRefused
from orders.text import problem_of

SCHEMA = Path(__file__).with_name("schema.json")


def read(path: Path) -> dict[str, Any]:
    """Read and check a menu file. Raises `MenuRefused` with every problem and its path."""
    menu = _parse(path)
    problems = [*_misfits(menu), *_odd_texts(menu)]
    # Sums and doubles can only be looked at in what has the right shape.
    if not problems:
        problems = [*_wrong_currency(menu), *_doubles(menu), *_wrong_prices(menu), *_ranges(menu)]
    if problems:
        raise MenuRefused(problems)
    checked: dict[str, Any] = menu
    return checked


class _Loader(yaml.SafeLoader):
    """Keeps the digits of a number with a fraction, and refuses the same key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in keys.items():
            if count > 1:
                problem = f"{key!r} stands here {count} times"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_decimal(self, node: yaml.ScalarNode) -> Decimal:
        return Decimal(self.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)


def _parse(path: Path) -> Any:
    try:
        # JSON is YAML too.
        return yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise MenuRefused([f"{path}: {error.strerror}"]) from error
    except InvalidOperation as error:
        raise MenuRefused([f"{path}: a number cannot be read"]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MenuRefused([f"{path}: {error}"]) from error


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def _misfits(menu: Any) -> Iterator[str]:
    errors = sorted(_validator().iter_errors(menu), key=lambda e: [str(p) for p in e.absolute_path])
    for error in errors:
        yield f"{_path(error.absolute_path)}: {_wording(error)}"


def _wording(error: ValidationError) -> str:
    """Say it in the schema's own words where the validator's would only quote a pattern."""
    if error.validator in ("anyOf", "pattern") and isinstance(error.schema, dict):
        rule = error.schema.get("description") or f"must match {error.schema.get('pattern')}"
        return f"{error.instance!r} does not fit: {rule}"
    return error.message


def _path(parts: Iterable[str | int]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".") or "menu"


def _odd_texts(value: Any, *path: str | int) -> Iterator[str]:
    if isinstance(value, str):
        if problem := problem_of(value):
            yield f"{_path(path)}: {problem}"
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _odd_texts(part, *path, str(name))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _odd_texts(part, *path, position)


def _wrong_currency(menu: dict[str, Any]) -> Iterator[str]:
    if menu["currency"] != settings.CURRENCY:
        yield f"currency: {menu['currency']} is not this restaurant's {settings.CURRENCY}"


def items(menu: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every item of a menu with its path."""
    for c, category in enumerate(menu["categories"]):
        for i, item in enumerate(category["items"]):
            yield f"categories[{c}].items[{i}]", item


def groups(item: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every option group of an item with its path."""
    for g, group in enumerate(item.get("option_groups", [])):
        yield f"{path}.option_groups[{g}]", group


def options(item: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every option of an item with its path."""
    for place, group in groups(item, path):
        for o, option in enumerate(group["options"]):
            yield f"{place}.options[{o}]", option


def _doubles(menu: dict[str, Any]) -> Iterator[str]:
    categories = [(f"categories[{c}]", x) for c, x in enumerate(menu["categories"])]
    yield from _doubled(categories, "name")
    yield from _doubled(items(menu), "sku")
    for path, item in items(menu):
        yield from _doubled(groups(item, path), "name")
        yield from _doubled(options(item, path), "sku")


def _doubled(parts: Iterable[tuple[str, dict[str, Any]]], name: str) -> Iterator[str]:
    first: dict[str, str] = {}
    for path, part in parts:
        if part[name] in first:
            yield f"{path}.{name}: {part[name]} is already at {first[part[name]]}"
        first.setdefault(part[name], path)


def _wrong_prices(menu: dict[str, Any]) -> Iterator[str]:
    for path, item in items(menu):
        for place, priced in [(path, item), *options(item, path)]:
            price = Decimal(priced.get("price", 0))
            if price != round(price, 2):
                yield f"{place}.price: {price} has more than two decimal places"
        if (lowest := Decimal(item["price"]) + _deepest_discount(item)) < 0:
            yield f"{path}.price: options could bring it down to {lowest}"


def _deepest_discount(item: dict[str, Any]) -> Decimal:
    """Sum, over the groups, the lowest that the choices in each can come to."""
    total = Decimal(0)
    for _, group in groups(item, ""):
        differences = sorted(Decimal(o.get("price", 0)) for o in group["options"])
        forced, free = differences[: group.get("min", 0)], differences[group.get("min", 0) :]
        room = group.get("max", 1) - len(forced)
        total += sum(forced) + sum(d for d in free[: max(room, 0)] if d < 0)
    return total


def _ranges(menu: dict[str, Any]) -> Iterator[str]:
    for path, item in items(menu):
        for place, group in groups(item, path):
            least, most = group.get("min", 0), group.get("max", 1)
            if least > most:
                yield f"{place}.min: {least} is more than max, {most}"
            if least > len(group["options"]):
                yield f"{place}.min: {least} is more than there are options"
