"""What people do on a page: a form, the permission that it needs, and the service that it calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorDict
from django.http import HttpResponse

from models_app.console.ui.fields import KeyField
from models_app.console.ui.panels import Panel
from models_app.console.ui.rows import RowsField
from tenants.models import Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission


class Place(Protocol):
    """What an action needs to know of the page that it is on: who looks at it, and whose it is, if a tenant's."""

    @property
    def person(self) -> Person: ...

    @property
    def tenant(self) -> Tenant | None: ...

    def tell(self, words: str) -> None: ...


PageT = TypeVar("PageT", bound=Place)


class ActionForm(forms.Form, Generic[PageT]):
    """One act. `name` tells it from others on its page, `label` is on its button, `done` is said afterwards.

    `needs`: without this the form is not shown, None is one's own affair; services check it themselves. `hint` says
    what will happen. An act `in_dialog` is a button at the page's head, named by its title, that opens the form; a
    `prominent` one is what the page is for, an `upfront` one always stands beside these, and one `from_rows` has its
    buttons in a table's rows (panels.opens). `warning` is said in the dialog, before what cannot be undone.
    """

    name: ClassVar[str] = "save"
    label: str = "Save"
    success: ClassVar[str] = "Saved."
    title: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    needs: ClassVar[Permission | None] = Permission.VIEW
    warning: ClassVar[str] = ""
    danger: ClassVar[bool] = False
    in_dialog: ClassVar[bool] = False
    from_rows: ClassVar[bool] = False
    prominent: ClassVar[bool] = False
    upfront: ClassVar[bool] = False
    way_out: ClassVar[str] = "Cancel"  # on the button that closes its dialog

    # More buttons beside its own, for another thing to do with the same fields: (value of `then`, words).
    extra_buttons: ClassVar[Sequence[tuple[str, str]]] = ()

    # Fields for few, folded under "More".
    advanced: ClassVar[Sequence[str]] = ()

    status = 422  # what a form that is not accepted is answered with

    # What services call otherwise: `name` and `title` are the form's own.
    service_names: ClassVar[Mapping[str, str]] = {"name": "called", "title": "called"}

    def __init__(self, page: PageT, data: Any = None, files: Any = None) -> None:
        self.page = page
        super().__init__(data, files, auto_id=f"{self.name}-%s", initial=dict(self.initial_values()))
        for field, part in self.fields.items():
            if isinstance(part, KeyField):
                part.offer(field, f"{self.name}-{field}", page.tenant)
        self.prepare()

    def initial_values(self) -> Mapping[str, Any]:
        """What the fields begin with."""
        return {}

    def prepare(self) -> None:
        """Set up fields that depend on the page."""

    def offer(self, **choices: Iterable[tuple[str, str]]) -> None:
        """What can be chosen, by field: (value, words)."""
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(offered)

    def common_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.advanced]

    def advanced_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.advanced]

    @property
    def needs_advanced(self) -> bool:
        """Whether they are shown from the start: they were filled in, or something is wrong with them."""
        return self.is_bound and any(field.errors or field.value() for field in self.advanced_fields())

    def is_pressed(self, other: str) -> bool:
        """Whether one of its other buttons was pressed."""
        return self.is_bound and self.data.get("then") == other

    def preview(self) -> Iterable[Panel]:
        """What will happen, before the fields."""
        return ()

    def about(self) -> str:
        """What an act from a row is about, where it comes back refused; else the row's button says it as `about`."""
        return ""

    def perform(self) -> str | HttpResponse | None:
        """Do it, by `cleaned_data`; the address to go to, None for the same page, or an answer of its own.

        Raises as services do.
        """
        raise NotImplementedError

    def is_offered(self) -> bool:
        """Whether it makes sense now, for this person."""
        return self.needs is None or may(self.page.person, self.needs, self.page.tenant)

    @property
    def is_further(self) -> bool:
        """Whether its button goes behind "More" where there are many."""
        return not (self.prominent or self.upfront or self.from_rows)

    @property
    def is_open(self) -> bool:
        """Whether its dialog is open as the page comes: with what was refused."""
        return bool(self.is_bound and self.errors)

    def deny(self, message: str) -> None:
        """Refuse it as a whole, for this person."""
        self._errors = ErrorDict({NON_FIELD_ERRORS: self.error_class([message])})
        self.status = 403

    def refuse(self, field: str, message: str) -> None:
        """Say at the field what is wrong; what no field is for stands above them all, with its name."""
        root = field.split(".")[0].split("[")[0]
        own = root if root in self.fields else self.service_names.get(root, root)
        if own in self.fields:
            place, part = field[len(root) :].lstrip("."), self.fields[own]
            if isinstance(part, RowsField):
                self.add_error(own, part.refusal(place, message))
            else:
                self.add_error(own, f"{place}: {message}" if place else message)
        else:
            self.add_error(None, f"{field}: {message}" if field not in ("", "body", "__all__") else message)
