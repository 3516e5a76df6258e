"""Logging in: the form, what is said where it does not succeed, and going on to a second factor."""

from typing import Any, ClassVar

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from unfold.forms import AuthenticationForm

from models_app.sign_in import single_sign_on

LONGEST = 254  # characters of an e-mail address
_FRAMED = ("mfa_", "account_")


class LogInForm(AuthenticationForm):
    """An address longer than any is nobody's: it is not written down among those whose passwords were wrong."""

    error_messages: ClassVar[dict[str, str]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or the password is wrong.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST))


class LogIn(LoginView):
    """By password first. Who has a second factor is not logged in before they have shown it."""

    authentication_form, template_name = LogInForm, "console/log_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        shown = {
            "title": "Log in",
            "app_path": self.request.get_full_path(),
            "single_sign_on": f"Sign in with {settings.ENV['MUSE_OIDC_NAME']}" if single_sign_on.is_on() else "",
        }
        return super().get_context_data(**admin.site.each_context(self.request), **shown, **context)

    def form_valid(self, form: Any) -> HttpResponse:
        return perform_login(self.request, form.get_user(), redirect_url=self.get_success_url())


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame of pages needs, for those that are allauth's views: a context processor."""
    match = request.resolver_match
    framed = match is not None and (match.url_name or "").startswith(_FRAMED)
    return dict(admin.site.each_context(request)) if framed else {}
