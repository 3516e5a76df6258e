"""What is said between MUSE and the organisation's provider, by OpenID Connect's code flow.

allauth speaks the protocol. Here stands what is asked beyond it: the provider is the one that was named, its word is
signed and new, and all of it is about one subject.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLAIMS = ("iss", "sub", "aud", "exp", "iat")
LEEWAY = 60  # seconds by which clocks may differ


class Exchange(OpenIDConnectOAuth2Adapter):
    """One sign-in: where the person is sent, and what comes back."""

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("single_sign_on_back"))

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself, if it is the one that was named."""
        with _said_by_the_provider():
            said: dict[str, Any] = super().openid_config
            if said["issuer"].rstrip("/") != self.provider_id:
                raise OAuth2Error(f"it says that it is {said['issuer']}")
            if missing := [name for name in ENDPOINTS if not said.get(name)]:
                raise OAuth2Error(f"it has no {missing[0]}")
            return said

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        """Who came back: the subject of the signed token, and the address of one source."""
        with _said_by_the_provider():
            claims = self._claims(kwargs["response"]["id_token"], app)
            if claims.get("nonce") != nonce(request.GET["state"]):
                raise OAuth2Error("its token is of another sign-in")
            more = self._fetch_user_info(token.token) if self.openid_config.get("userinfo_endpoint") else claims
            if more["sub"] != claims["sub"]:
                raise OAuth2Error("it speaks of two people")
            said = {"sub": claims["sub"], **_address(claims, more)}
            return self.get_provider().sociallogin_from_response(request, said)

    def _claims(self, id_token: str, app: SocialApp) -> dict[str, Any]:
        """Of its token: signed by a key of the provider, for us, and not over."""
        said = self.openid_config
        asked = {"issuer": said["issuer"], "audience": app.client_id, "leeway": LEEWAY}
        try:
            key = self._key(jwt.get_unverified_header(id_token).get("kid"))
            return dict(jwt.decode(id_token, key, algorithms=ALGORITHMS, options={"require": list(CLAIMS)}, **asked))
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"its token does not hold: {error}") from error

    def _key(self, name: str | None) -> jwt.PyJWK:
        """The one of the provider that a token names; its only one, where the token names none."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
        answer.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if name in (None, key.key_id)]
        if len(keys) != 1:
            raise OAuth2Error(f"{len(keys)} of its keys may have signed its token")
        return keys[0]


class OrganisationsProvider(OpenIDConnectProvider):
    """Nothing of what it tells is kept but the subject."""

    oauth2_adapter_class = Exchange

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


def nonce(state: str) -> str:
    """What the provider's token must repeat: made of the state, which the session holds, so that it is not kept."""
    return salted_hmac("models_app.sign_in.exchange", state, algorithm="sha256").hexdigest()


def _address(claims: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The e-mail address and whether it is verified, both from where both are said, else from where there is one."""
    said = [each for each in (claims, more) if each.get("email")]
    found = next((each for each in said if "email_verified" in each), said[0] if said else {})
    unsaid = settings.ENV["MUSE_OIDC_TRUSTS_EMAIL"]
    return {"email": found.get("email"), "email_verified": found.get("email_verified", unsaid)}


@contextmanager
def _said_by_the_provider() -> Iterator[None]:
    """Whatever is wrong with the form of it is the provider's fault, and no error of ours."""
    try:
        yield
    except (AttributeError, ImproperlyConfigured, LookupError, TypeError, ValueError) as error:
        raise OAuth2Error(f"it says something of another form: {error!r}") from error
