"""Logging in: what is said where it does not succeed."""

from typing import ClassVar

from unfold.forms import AuthenticationForm


class LogInForm(AuthenticationForm):
    error_messages: ClassVar[dict[str, str]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or the password is wrong.",
    }
