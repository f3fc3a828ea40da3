"""Many rows in one statement, on PostgreSQL and on SQLite.

The rows travel as one JSON parameter that the database opens up as a table
(`jsonb_to_recordset`, `json_each`). The hot paths use it; everything else uses the ORM.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.db import connections, models
from django.db.backends.signals import connection_created

# UUIDs without dashes, as Django keeps them in SQLite; PostgreSQL reads both forms.
_encode = msgspec.json.Encoder(uuid_format="hex", decimal_format="string").encode
Row = Sequence[Any]


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Collection[Row],
    *,
    using: str,
    ignore_conflicts: bool = False,
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows; `columns` names fields, and each row has a value for each of them in turn.

    A value is `str`, `int`, `bool`, `None`, `bytes`, a UTC `datetime`, `UUID`, `Decimal`, or for a
    JSON field a list or dict of these. A foreign key is named with its `_id`. Gives the `returning`
    fields of the rows that were inserted; with `ignore_conflicts` the others are left out silently.
    """
    if not rows:
        return []
    sql = _insert_sql(model, tuple(columns), using)
    if ignore_conflicts:
        sql += " ON CONFLICT DO NOTHING"
    return _Table(model, using).run(sql, columns, rows, returning)


class Rows(NamedTuple):
    """Rows for a table, as `insert` takes them."""

    model: type[models.Model]
    columns: Sequence[str]
    rows: Collection[Row]


def insert_together(inserts: Iterable[Rows], *, using: str) -> None:
    """Insert rows into several tables: in one statement on PostgreSQL, saving the ways there."""
    inserts = [each for each in inserts if each.rows]
    if len(inserts) < 2 or connections[using].vendor != "postgresql":
        for model, columns, rows in inserts:
            insert(model, columns, rows, using=using)
        return
    *parts, last = [_insert_sql(model, tuple(columns), using) for model, columns, _ in inserts]
    before = ", ".join(f"i{number} AS ({part})" for number, part in enumerate(parts))
    parameters = [_Table(m, using).parameter(columns, rows) for m, columns, rows in inserts]
    with connections[using].cursor() as cursor:
        cursor.execute(f"WITH {before} {last}", parameters)


@cache
def _insert_sql(model: type[models.Model], columns: tuple[str, ...], using: str) -> str:
    table = _Table(model, using)
    return (
        f"INSERT INTO {table.name} ({', '.join(table.columns(columns))})"  # noqa: S608 - own names
        f" SELECT {', '.join(table.columns(columns, of='r'))}"
        f" FROM {table.given(columns)} WHERE TRUE"
    )


def update(
    model: type[models.Model],
    key: str,
    columns: Sequence[str],
    rows: Collection[Row],
    *,
    using: str,
    also: str = "",
    where: str = "",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Update the rows found by `key`; each row is the key's value, then one for each column.

    A key may stand in `rows` only once. `also` is further assignments and `where` a further
    condition, both SQL in which `t` is the table and `r` what was given: `version = t.version + 1`,
    `r.rank > t.rank`. Gives the `returning` fields of the rows that were updated.
    """
    if not rows:
        return []
    sql = _update_sql(model, key, tuple(columns), also, where, using)
    return _Table(model, using).run(sql, (key, *columns), rows, returning, of="t")


@cache
def _update_sql(
    model: type[models.Model], key: str, columns: tuple[str, ...], also: str, where: str, using: str
) -> str:
    table = _Table(model, using)
    sets = [f"{table.column(name)} = {table.column(name, of='r')}" for name in columns]
    sql = (
        f"UPDATE {table.name} AS t SET {', '.join([*sets, also] if also else sets)}"  # noqa: S608
        f" FROM {table.given((key, *columns))}"
        f" WHERE {table.column(key, of='t')} = {table.column(key, of='r')}"
    )
    return f"{sql} AND ({where})" if where else sql


class _Table:
    """A model's table, and the SQL in which the two databases differ."""

    def __init__(self, model: type[models.Model], using: str) -> None:
        self.connection = connections[using]
        self.model = model
        self.name = self.connection.ops.quote_name(model._meta.db_table)
        self.is_postgres = self.connection.vendor == "postgresql"

    def field(self, name: str) -> "models.Field[Any, Any]":
        field = self.model._meta.get_field(name.removesuffix("_id")) if self._is_key(name) else None
        return field or self.model._meta.get_field(name)  # type: ignore[return-value]

    def _is_key(self, name: str) -> bool:
        return any(f.is_relation and f.attname == name for f in self.model._meta.concrete_fields)

    def column(self, name: str, of: str = "") -> str:
        quoted = str(self.connection.ops.quote_name(self.field(name).column))
        return f"{of}.{quoted}" if of else quoted

    def columns(self, names: Sequence[str], of: str = "") -> list[str]:
        return [self.column(name, of) for name in names]

    def given(self, names: Sequence[str]) -> str:
        """Give the table `r` of what the parameter holds, typed as the model's columns."""
        picked = ", ".join(
            f"{self._value(self.field(name), i)} AS {self.column(name)}"
            for i, name in enumerate(names)
        )
        return f"(SELECT {picked} FROM {self._opened(names)}) AS r"  # noqa: S608

    def _opened(self, names: Sequence[str]) -> str:
        if not self.is_postgres:
            return "json_each(%s)"
        types = ", ".join(
            f"c{i} {self._json_type(self.field(name))}" for i, name in enumerate(names)
        )
        return f"jsonb_to_recordset(%s::jsonb) AS j({types})"

    def _json_type(self, field: "models.Field[Any, Any]") -> str:
        if isinstance(field, models.BinaryField):
            return "text"
        return str(
            field.rel_db_type(self.connection)  # type: ignore[attr-defined]
            if field.primary_key
            else field.db_type(self.connection)
        )

    def _value(self, field: "models.Field[Any, Any]", position: int) -> str:
        if self.is_postgres:
            name = f"c{position}"
            return f"decode({name}, 'base64')" if isinstance(field, models.BinaryField) else name
        value = f"json_extract(value, '$[{position}]')"
        if isinstance(field, models.BinaryField):
            return f"from_base64({value})"
        if isinstance(field, models.DateTimeField):
            return f"replace(rtrim({value}, 'Z'), 'T', ' ')"
        return value

    def run(
        self,
        sql: str,
        names: Sequence[str],
        rows: Collection[Row],
        returning: Sequence[str],
        of: str = "",
    ) -> list[tuple[Any, ...]]:
        if returning:
            # SQLite knows only the table's own columns here, and wants them bare.
            sql += (
                f" RETURNING {', '.join(self.columns(returning, of if self.is_postgres else ''))}"
            )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self.parameter(names, rows)])
            return self._read(cursor.fetchall(), returning) if returning else []

    def parameter(self, names: Sequence[str], rows: Collection[Row]) -> str:
        if not self.is_postgres:
            return _encode(rows).decode()
        keys = [f"c{i}" for i in range(len(names))]
        return _encode([dict(zip(keys, row, strict=True)) for row in rows]).decode()

    def _read(self, found: list[tuple[Any, ...]], names: Sequence[str]) -> list[tuple[Any, ...]]:
        readers = [self._reader(name) for name in names]
        if not any(readers):
            return found
        return [
            tuple(read(v) if read else v for read, v in zip(readers, row, strict=True))
            for row in found
        ]

    def _reader(self, name: str) -> Callable[[Any], Any] | None:
        """Give what turns the database's value into Python's, as the ORM would."""
        column = self.field(name).get_col(self.model._meta.db_table)
        converters = [
            *self.connection.ops.get_db_converters(column),
            *column.get_db_converters(self.connection),
        ]
        if not converters:
            return None

        def read(value: Any) -> Any:
            for convert in converters:
                value = convert(value, column, self.connection)
            return value

        return read


def teach_sqlite() -> None:
    """Give each SQLite connection the one function it lacks."""
    connection_created.connect(_add_from_base64, dispatch_uid="restaurant.bulk")


def _add_from_base64(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "from_base64",
            1,
            lambda text: text if text is None else base64.b64decode(text),
            deterministic=True,
        )
