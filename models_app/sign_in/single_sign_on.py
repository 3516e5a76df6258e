"""Single sign-on: people come in by the word of their organisation's provider, if MUSE knows them.

It tells who somebody is, nothing else: nobody is made, and no role is given, by what it says. A second factor is asked
for as after a password, for the provider's own cannot be checked here.
"""

from typing import Any

import structlog
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from requests import RequestException

from models_app.sign_in.adapters import LOCKED
from models_app.sign_in.exchange import Exchange, OrganisationsProvider, nonce
from models_app.sign_in.links import link
from tenants.models import Person
from tenants.refusals import Conflict

log = structlog.get_logger(__name__)

UNKNOWN = "Nobody here has the address {email}. Ask an admin of the platform to add you."
UNVERIFIED = "Your organisation does not say that your e-mail address is verified, so it cannot tell who you are here."
ANOTHER = "Your address is linked with another account of your organisation. Ask an admin of the platform to unlink it."
GUESSED = "Too many log-ins have failed for you. Wait a quarter of an hour, then try again."
CANCELLED = "The sign-in was cancelled."
STALE = "This sign-in was begun in another browser, too long ago, or is done already. Begin again."
FAILED = "Your organisation's sign-in did not answer as it should. Try again; if it stays so, tell who runs MUSE."


class Refused(PermissionDenied):
    """Not let in; the message says why, to the person."""


def is_on() -> bool:
    return bool(settings.ENV["MUSE_OIDC_ISSUER"])


def begin(request: HttpRequest, then: str) -> HttpResponse:
    """Send somebody to the provider, to go on to `then`, a page of ours, when they come back."""
    provider = SocialAdapter(request).get_provider(request, settings.ENV["MUSE_OIDC_ISSUER"])
    state = get_random_string(32)
    asked = {"state_id": state, "auth_params": {"nonce": nonce(state)}}
    try:
        return provider.redirect(request, AuthProcess.LOGIN, next_url=then, **asked)
    except (OAuth2Error, RequestException) as error:
        return render_authentication_error(request, provider, exception=error)


def come_back(request: HttpRequest) -> HttpResponse:
    """Take who comes back from the provider through the log-in, or say why not."""
    exchange = Exchange(request, settings.ENV["MUSE_OIDC_ISSUER"])
    return OAuth2CallbackView.adapter_view(exchange)(request)


class SocialAdapter(DefaultSocialAccountAdapter):
    """The one provider is that of the settings, and who comes from it is let in here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """It goes by the name of its issuer, so that subjects of another, which may be called alike, are others."""
        named, issuer = settings.ENV, settings.ENV["MUSE_OIDC_ISSUER"]
        secret = {"client_id": named["MUSE_OIDC_CLIENT_ID"], "secret": named["MUSE_OIDC_CLIENT_SECRET"]}
        how = {"server_url": issuer, "oauth_pkce_enabled": True}
        return [SocialApp(provider="openid_connect", provider_id=issuer, name="OpenID Connect", settings=how, **secret)]

    def get_provider(self, request: HttpRequest, provider: Any, client_id: Any = None) -> OrganisationsProvider:
        return OrganisationsProvider(request, app=self.get_app(request, provider))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        raise ImmediateHttpResponse(_let_in(request, sociallogin))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        why = str(exception) if isinstance(exception, Refused) else _why(error, exception)
        shown = {"title": "You are not logged in", "why": why, **admin.site.each_context(request)}
        # No error's status, as after a wrong password: it would undo that the attempt is counted.
        raise ImmediateHttpResponse(render(request, "console/not_signed_in.html", shown))


def _why(error: str, exception: Exception | None) -> str:
    if exception is not None:
        log.warning("single sign-on failed", reason=str(exception)[:300])
        return FAILED
    if error == AuthError.CANCELLED:
        return CANCELLED
    return STALE


def _let_in(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Log in whom the provider means, as after a right password: with the same locks and the same second factor."""
    is_linked = login.is_existing
    person = login.user if is_linked else _by_address(request, login)
    if not AxesProxyHandler.is_allowed(request, {"username": person.email}):
        raise Refused(GUESSED)
    if not person.is_active:
        raise _refused(request, person.email, LOCKED)
    if not is_linked:
        try:
            link(person=person, issuer=login.account.provider, subject=login.account.uid)
        except Conflict:
            raise _refused(request, person.email, ANOTHER) from None
    if request.user.is_authenticated:
        get_account_adapter(request).logout(request)
    record_authentication(request, person, "socialaccount", provider=login.account.provider, uid=login.account.uid)
    return perform_login(request, person, redirect_url=login.state.get("next"))


def _by_address(request: HttpRequest, login: SocialLogin) -> Person:
    """Who has the address here, if the provider says that it is theirs."""
    said = next(iter(login.email_addresses), None)
    if said is None or not said.verified:
        raise _refused(request, said.email if said else "", UNVERIFIED)
    person = Person.objects.filter(email=said.email.lower()).first()
    if person is None:
        raise _refused(request, said.email, UNKNOWN.format(email=said.email))
    return person


def _refused(request: HttpRequest, email: str, why: str) -> Refused:
    """It counts as a wrong password does."""
    user_login_failed.send(sender=SocialAdapter, credentials={"username": email}, request=request)
    return Refused(why)
