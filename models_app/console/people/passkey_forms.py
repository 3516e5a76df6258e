"""allauth's forms of passkeys, as the console shows forms; whatever is sent in a passkey's place is a wrong one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from tenants.strict_json import unstorable

_LONGEST = 65_536  # characters; a browser sends some thousand


class CredentialField(forms.JSONField):
    """What a browser says of a passkey, once it is sure that it is JSON of which all can be kept."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, max_length=_LONGEST)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > _LONGEST:
            raise _wrong()
        with _refusing():
            found = super().to_python(value)
        if found is not None and (not isinstance(found, dict) or next(unstorable(found), None)):
            raise _wrong()
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing of what was sent is shown again: it is for one challenge."""
        return initial


class _Passkey:
    def clean_credential(self) -> Any:
        with _refusing():
            return super().clean_credential()  # type: ignore[misc]


class AuthenticatePasskeyForm(_Passkey, passkeys.AuthenticateWebAuthnForm):
    credential = CredentialField()


class LogInPasskeyForm(_Passkey, passkeys.LoginWebAuthnForm):
    credential = CredentialField()


class ConfirmPasskeyForm(_Passkey, passkeys.ReauthenticateWebAuthnForm):
    credential = CredentialField()


class AddPasskeyForm(passkeys.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=100, widget=UnfoldAdminTextInputWidget())
    passwordless = forms.BooleanField(
        label="Log in with it alone", required=False, initial=True, widget=UnfoldBooleanWidget(),
        help_text="Without a password: the passkey then asks for a fingerprint, a face or a PIN.",
    )  # fmt: skip
    credential = CredentialField()

    def clean(self) -> Any:
        with _refusing():
            return super().clean()


class NamePasskeyForm(passkeys.EditWebAuthnForm):
    name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget())


def _wrong() -> ValidationError:
    return get_adapter().validation_error("incorrect_code")  # type: ignore[no-any-return]


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever the libraries that read it say of bytes that are none, they are no passkey's. Raises ValidationError."""
    try:
        yield
    except (ValidationError, DatabaseError):
        raise
    except Exception:  # of each of its parts another one
        raise _wrong() from None
