"""Taking off a second factor that was lost, by a link that an admin has sent."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.views.generic import FormView
from unfold.widgets import UnfoldAdminPasswordWidget

from models_app.sign_in.factors import recover, whose
from tenants.refusals import REFUSED, messages_by_field, refused

DONE = "Your second factor is taken off. Log in, and set up another under “My account”."


class RecoverForm(forms.Form):
    password = forms.CharField(widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}))


class Recover(FormView):
    """Asks for the password: the link alone is not enough."""

    form_class, template_name = RecoverForm, "console/recover.html"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        shown = {"title": "Lost second factor", "holds": whose(self.kwargs["token"]) is not None}
        return super().get_context_data(**admin.site.each_context(self.request), **shown, **context)

    def form_valid(self, form: RecoverForm) -> HttpResponse:
        try:
            recover(token=self.kwargs["token"], password=form.cleaned_data["password"], request=self.request)
        except REFUSED as error:
            refusal = refused(error)
            if refusal is None:
                raise
            for field, said in messages_by_field(refusal).items():
                form.add_error(field or None, said)
            return self.form_invalid(form)
        messages.success(self.request, DONE)
        return super().form_valid(form)
