"""Showing a second factor after all, in a session that began without one."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views import View

SET_UP = "You have no second factor yet. Set one up, then go back to what you wanted to do."


class ShowSecondFactor(LoginRequiredMixin, View):
    """Asks for the one that somebody has, and goes on to `next`; or leads to where one is set up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
        if not kinds:
            messages.warning(request, SET_UP)
            return redirect("mfa_index")
        way = "mfa_reauthenticate" if "totp" in kinds else "mfa_reauthenticate_webauthn"
        return redirect(f"{reverse(way)}?{urlencode({'next': self._then()})}")

    def _then(self) -> str:
        wanted = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
        return wanted if is_ours else reverse("console:home")
