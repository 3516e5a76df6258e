"""Going to the organisation's provider, and coming back. Where there is none, neither address is there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from models_app.sign_in import single_sign_on


class _WhereThereIsOne(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not single_sign_on.is_on():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class SignOn(_WhereThereIsOne):
    """Asked for by a link, so that an organisation's own page of applications can lead here, too."""

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("next", "")
        then = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("console:home")
        return redirect(then) if request.user.is_authenticated else single_sign_on.begin(request, then)


class SignOnBack(_WhereThereIsOne):
    def get(self, request: HttpRequest) -> HttpResponse:
        return single_sign_on.come_back(request)
