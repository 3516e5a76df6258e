"""Setting a password by a link, and asking for one: for people who are not logged in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.views.generic import FormView
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldBooleanWidget

from models_app.console.ui.credentials import living
from models_app.notifications.password_links import password_forgotten
from tenants import selectors
from tenants.models import Person, PersonalToken
from tenants.services import passwords_go_by_link, revoke_personal_token, set_password

SENT = "If this is the address of somebody with a password here, a link is on its way to it."


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"})
    )


class PasswordForm(SetPasswordForm):
    """Sets it as the console does everywhere: by the service, which checks it and leaves an audit entry.

    Programs go on with their tokens, as they know no password; who fears that another has made one ends them here.
    """

    end_tokens = forms.BooleanField(
        required=False,
        label="End my personal tokens, too",
        help_text="If somebody else may have been logged in as you. Programs that use them lose access at once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_password1", "new_password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        self.fields["end_tokens"].widget = UnfoldBooleanWidget()
        if not self._tokens():
            del self.fields["end_tokens"]

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("end_tokens"):
            for token in self._tokens():
                revoke_personal_token(token=token, actor=self.user)
        set_password(person=self.user, password=self.cleaned_data["new_password1"], actor=self.user, by_link=True)
        return self.user

    def _tokens(self) -> list[PersonalToken]:
        return living(selectors.tokens(self.user)) if self.user else []


class Forgotten(FormView):
    """Asks for a link. Who asks is not told whether the address is anybody's."""

    form_class, template_name = ForgottenForm, "console/password_forgotten.html"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        shown = {"title": "Forgotten password", "is_possible": passwords_go_by_link()}
        return super().get_context_data(**admin.site.each_context(self.request), **shown, **context)

    def form_valid(self, form: ForgottenForm) -> HttpResponse:
        password_forgotten(form.cleaned_data["email"])
        messages.success(self.request, SENT)
        return super().form_valid(form)


class SetPassword(PasswordResetConfirmView):
    """Opened by a link. The token goes into the session at once, and out of the address."""

    form_class, template_name = PasswordForm, "console/password_set.html"
    success_url = reverse_lazy("admin:login")

    def get_user(self, uidb64: str) -> Person | None:
        person = super().get_user(uidb64)
        return person if isinstance(person, Person) and person.is_active else None

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **context)

    def form_valid(self, form: "SetPasswordForm[Person]") -> HttpResponse:
        messages.success(self.request, "Your password is set. Log in with it.")
        return super().form_valid(form)
