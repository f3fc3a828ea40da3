"""Changes through an admin page's forms, recorded without the page's author doing anything.

Where Django's admin would write its own log, which says neither before nor after, it writes the
audit trail instead: one truth. Django calls these hooks in the transaction of the change, which it
opens on the model's own database.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import PermissionDenied
from django.db import models, router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from restaurant.trail import person_of, snapshot, watch
from restaurant.trail.changes import Change, Id, Seen, Target, compare, hold, look
from restaurant.trail.record import record_all
from restaurant.trail.values import values_of

Action = Callable[[Any, HttpRequest, QuerySet[Any]], Any]
VIEW_TRAIL = "staff.view_trail"


class Trailed:
    """A page whose changes are in the trail.

    `watched_actions` are list actions, not deeds, that change the chosen rows.
    """

    watched_actions: tuple[str, ...] = ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Give the row; one that a form changes or deletes as it is once nobody else changes it.

        So what was before is what the last one left, and nothing is written over it unseen.
        """
        row = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if row is None or request.method != "POST" or not _is_in_transaction(type(row)):
            return row
        hold([row])
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Remember the row as it is in the database, before the form's values reach it."""
        if change:
            self.remember(request, form.instance)
        return super().save_form(request, form, change)  # type: ignore[misc]

    def remember(self, request: HttpRequest, row: models.Model) -> None:
        """Keep what a row is that is to be changed, for `log_change`."""
        _remembered(request).update(look(type(row), [row.pk]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines' rows, and record each that this adds, changes or deletes."""
        inlines = [_Inline(formset) for formset in formsets]
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        for inline in inlines:
            _record(request, inline.changes())

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _record(request, [Change(Target.of(obj), {}, snapshot(obj))])

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record what is different now; nothing when that is nothing."""
        id_ = Target.of(obj).id
        before = {id_: seen} if (seen := _remembered(request).pop(id_, None)) else {}
        _record(request, compare(before, look(type(obj), [obj.pk])) if before else [])

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Record rows that are about to be deleted, and those that go with them."""
        rows = list(queryset)
        hold(rows)
        if isinstance(queryset, QuerySet):
            # Some may have been changed before they were held.
            rows = list(queryset.all())
        _record(request, _deletions(rows) if rows else [])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Make Django's deletion, and what is watched, one transaction with their entries."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        for name in ("delete_selected", *self.watched_actions):
            if name in actions:
                run, _name, title = actions[name]
                wrap = _whole if name == "delete_selected" else _watched
                actions[name] = (wrap(run, name), name, title)
        return actions

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show the trail of the row, in place of Django's own log, to those who may read it."""
        if not (self.has_view_permission(request) and request.user.has_perm(VIEW_TRAIL)):  # type: ignore[attr-defined]
            raise PermissionDenied
        label = self.model._meta.label_lower  # type: ignore[attr-defined]
        query = urlencode({"kind": label, "object": object_id})
        return HttpResponseRedirect(f"{reverse('staff:trail')}?{query}")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Offer the history to those who may read it."""
        context["show_history"] = request.user.has_perm(VIEW_TRAIL)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]


class _Inline:
    """The rows of an inline that a form may change."""

    def __init__(self, formset: Any) -> None:
        deleted = formset.deleted_forms if formset.can_delete else []
        self._model = formset.model
        self._rows = [f.instance for f in formset.forms if f.has_changed() or f in deleted]
        self._keys = {row.pk for row in self._rows}
        hold(self._rows)
        self._before = look(self._model, self._keys) if self._rows else {}

    def changes(self) -> list[Change]:
        """Compare them with what they are now. Who was added has a key, who was deleted lost it."""
        keys = self._keys | {row.pk for row in self._rows}
        return compare(self._before, look(self._model, keys)) if self._rows else []


def _is_in_transaction(model: type[models.Model]) -> bool:
    connection = transaction.get_connection(router.db_for_write(model))
    return bool(connection.in_atomic_block)


def _remembered(request: Any) -> dict[Id, Seen]:
    if not hasattr(request, "_trail_before"):
        request._trail_before = {}
    before: dict[Id, Seen] = request._trail_before
    return before


def _record(request: HttpRequest, changes: list[Change]) -> None:
    record_all(person_of(request), changes, now=timezone.now())


def _deletions(rows: list[models.Model]) -> list[Change]:
    """Give the end of rows, and of those that go with them."""
    collector = NestedObjects(using=router.db_for_write(type(rows[0])), origin=rows[0])
    collector.collect(rows)
    doomed = [
        row
        for model, found in collector.data.items()
        for row in found
        if not model._meta.auto_created and model is not LogEntry
    ]
    return [Change(Target.of(row), values_of(row, many=True), {}) for row in doomed]


def _whole(run: Action, _name: str) -> Action:
    """Make an action one transaction."""

    def whole(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        with transaction.atomic(using=router.db_for_write(rows.model)):
            return run(page, request, rows)

    return whole


def _watched(run: Action, name: str) -> Action:
    """Have what an action does to each chosen row recorded."""

    def watched(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
        with transaction.atomic(using=router.db_for_write(rows.model)):
            chosen = list(rows)
            hold(chosen)
            with watch(person_of(request), chosen, action=name, now=timezone.now()):
                return run(page, request, rows)

    return watched
