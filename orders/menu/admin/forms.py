"""The form of a dish, with its picture, its option groups and their options."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminImageFieldWidget

from orders.errors import PictureRefused
from orders.menu import pictures
from orders.menu.admin import checks
from orders.menu.problems import Problem
from orders.menu.stored import item_as_file
from orders.models import Category, MenuItem, Option, OptionGroup

# Where a new group or option goes that nobody gave a place: `put_in_order` makes it the next.
LAST = 1_000_000
ITEM_FIELDS = ("sku", "name", "description", "price", "station", "prep_seconds")


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Category
        fields = ("name",)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if problems := checks.problems_of_category(name):
            raise ValidationError(checks.sentence(problems[0]))
        return name


class Shown:
    """The picture that a dish has, as the upload's field shows it."""

    def __init__(self, name: str) -> None:
        self.url = pictures.url(name)

    def __str__(self) -> str:
        return _("picture")


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    photo = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=UnfoldAdminImageFieldWidget(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 5 MB. It is made anew as WebP."),
    )

    class Meta:
        model = MenuItem
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets name them
        labels = {"preparation_seconds": gettext_lazy("Preparation, seconds")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if description := self.fields.get("description"):
            description.widget.attrs["rows"] = 3
        if self.instance.picture and "photo" in self.fields:
            self.fields["photo"].initial = Shown(self.instance.picture)

    def clean_description(self) -> str:
        """Browsers send line ends as two characters; files have one."""
        text: str = self.cleaned_data["description"]
        return text.replace("\r\n", "\n")

    def clean_photo(self) -> Any:
        """Make the picture of an upload; False takes the picture away."""
        file = self.cleaned_data["photo"]
        if not file or isinstance(file, Shown):
            return file
        if file.size > settings.UPLOAD_MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."))
        try:
            return pictures.made_of(file)
        except PictureRefused as error:
            raise ValidationError(str(error)) from error

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        right = [name for name in ITEM_FIELDS if checks.field_of(name) not in self.errors]
        item = checks.as_file(self.instance, right)
        if "option_groups-TOTAL_FORMS" not in self.data and self.instance.pk:
            # Who may not change the groups may not price the dish below their discounts either.
            item["option_groups"] = item_as_file(self.instance)["option_groups"]
        for problem in checks.problems_of_item(item):
            checks.place(problem, self)

    def save(self, commit: bool = True) -> Any:
        photo = self.cleaned_data.get("photo")
        if isinstance(photo, pictures.Picture):
            self.instance.picture = pictures.keep(photo)
        elif photo is False:
            self.instance.picture = ""
        return super().save(commit)


class PlacedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row with a place among others; who gives none gets the last."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # The column's heading is no label to who hears the page.
            field.widget.attrs["aria-label"] = field.label
        if position := self.fields.get("position"):
            position.required = False
            if self.instance.pk is None:
                position.initial = None

    def clean_position(self) -> int:
        position: int | None = self.cleaned_data.get("position")
        return LAST if position is None else position


class GroupForm(PlacedForm):
    nested_formsets: list[Any]

    class Meta:
        model = OptionGroup
        fields = ("name", "min", "max", "position")

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the range to the formset, which says it as a menu file's reading does."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"max"}

    @property
    def options(self) -> Any:
        """Give the formset of the group's options."""
        return self.nested_formsets[0].formset


class OptionForm(PlacedForm):
    class Meta:
        model = Option
        fields = ("sku", "name", "price", "position")


class OptionFormSet(PaginationInlineFormSet):
    def get_queryset(self) -> Any:
        """Take what came with all groups at once, rather than ask for each group's own."""
        fetched = getattr(self.instance, "_prefetched_objects_cache", {})
        return list(fetched["options"]) if "options" in fetched else super().get_queryset()

    def kept(self) -> list[Any]:
        """Give the forms of the options that there will be."""
        # What is to be deleted is known once they are cleaned, which asking for errors does.
        self.errors  # noqa: B018
        return [form for form in self.forms if _is_kept(self, form)]


class GroupFormSet(PaginationInlineFormSet):
    """A dish's groups; looks at the dish as a whole, as the reading of a menu file does."""

    def clean(self) -> None:
        super().clean()
        groups = list(self._kept())
        if any(self.errors):
            return
        wrong = [group for group in groups if not group.options.is_valid()]
        if wrong:
            raise ValidationError(_("An option is not right yet: see below."))
        item = checks.as_file(self.instance, ["price"])
        item["option_groups"] = [_group_as_file(group) for group in groups]
        for problem in checks.problems_of_item(item):
            self._place(problem, groups)

    def _kept(self) -> Iterator[Any]:
        for form in self.forms:
            if hasattr(form, "nested_formsets") and (
                _is_kept(self, form) or (form.options.kept() and not self._should_delete_form(form))
            ):
                yield form

    def _place(self, problem: Problem, groups: list[Any]) -> None:
        """Show a problem at its group's or option's field, or above all groups."""
        inside = problem.path[len(checks.ITEM) :]
        form = groups[int(inside[1])] if len(inside) > 1 else None
        if form is not None and len(inside) > 4:
            form = form.options.kept()[int(inside[3])]
        if form is None or not checks.place(problem, form):
            told = checks.sentence(problem)
            if inside[-1:] == ("options",):
                told = _("“%(group)s” needs an option.") % {"group": form and form.instance.name}
            raise ValidationError(told)


def _is_kept(formset: Any, form: Any) -> bool:
    if formset.can_delete and formset._should_delete_form(form):
        return False
    return form.instance.pk is not None or form.has_changed()


def _group_as_file(form: GroupForm) -> dict[str, Any]:
    group = form.instance
    options = [option.instance for option in form.options.kept()]
    return {
        "name": group.name,
        "min": group.min,
        "max": group.max,
        "options": [{"sku": o.sku, "name": o.name, "price": f"{o.price:f}"} for o in options],
    }
