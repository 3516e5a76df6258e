"""allauth's forms of second factors, as the console shows forms; wrong codes count as wrong passwords do."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.core import context
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

_STEP = 30  # seconds that a code of an authenticator app lasts


def _code_field(label: str, help_text: str = "") -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    widget = UnfoldAdminTextInputWidget(attrs=attributes)
    return forms.CharField(label=label, help_text=help_text, max_length=20, widget=widget)


class _Guarded(forms.Form):
    """Holds codes to the lock of passwords, and takes one of an app once, whichever process is asked."""

    user: Any

    def clean_code(self) -> str:
        who = {"username": self.user.email}
        if not AxesProxyHandler.is_allowed(context.request, who):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            return self._checked()
        except ValidationError:
            user_login_failed.send(sender=type(self), credentials=who, request=context.request)
            raise

    def _checked(self) -> str:
        last = Authenticator.objects.select_for_update().filter(user=self.user, type="totp").first()
        code: str = super().clean_code()  # type: ignore[misc]
        used: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if last is not None and used.pk == last.pk and last.last_used_at is not None:
            now = timezone.now().timestamp()
            if last.last_used_at.timestamp() // _STEP >= now // _STEP:
                raise ValidationError("This code was used already. Wait for the next one.")
        return code


class AuthenticateForm(_Guarded, codes.AuthenticateForm):
    code = _code_field("Code", "Of your authenticator app, or one of your recovery codes.")


class ConfirmForm(_Guarded, codes.ReauthenticateForm):
    code = _code_field("Code", "Of your authenticator app, or one of your recovery codes.")


class ActivateForm(ActivateTOTPForm):
    code = _code_field("Code", "The six digits that the app shows now.")


class ConfirmPasswordForm(PasswordForm):
    password = forms.CharField(
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password", "autofocus": True})
    )
