"""What django-allauth asks of us: where people go on, who may come in, how secrets are kept."""

import base64
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.crypto import salted_hmac

from tenants import sessions
from tenants.address import client_address

LOCKED = "Your account is locked. Ask an admin of the platform."
_FRESH = 300.0  # seconds after logging in in which nobody is asked again who they are


class AccountAdapter(DefaultAccountAdapter):
    """People are made by admins; whoever has a second factor shows it wherever they are asked who they are."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": "This is not your password.",
        "too_many_login_attempts": "Too many wrong codes. Wait a quarter of an hour, then try again.",
        "rate_limited": "Too many wrong codes. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("console:home")

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if address is None:
            raise PermissionDenied("Your address is not known.")
        return address

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, LOCKED)
        return redirect("admin:login")

    def reauthenticate(self, user: Any, password: str) -> bool:
        return authenticate(context.request, username=user.email, password=password) == user

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password is not enough where there is a second factor."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [each for each in methods if each["id"].startswith("mfa_")] or methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not just after logging in, nor where there is nothing to ask for: who came by single sign-on only."""
        request = context.request
        since = time.time() - request.session.get(sessions.SINCE, 0.0)
        return since > _FRESH and bool(self.get_reauthentication_methods(request.user))


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted, by a key that is derived from the installation's secret."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is wrong, or was used already.",
    }

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"MUSE {context.request.get_host()}"

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def _get_site_name(self) -> str:
        return "MUSE"


def _fernet() -> Fernet:
    key = salted_hmac("models_app.sign_in.adapters", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
