"""A Django REST framework view that runs the model, with as little around it as it can have."""

from typing import Any

import django
from django.conf import settings

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="of no use",
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  # Django has to be set up first
from django.urls import path  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from benchmarks.serving.apps.model import NAMES, probability  # noqa: E402


class ScoreView(APIView):
    def post(self, request: Any) -> Response:
        features = request.data["features"]
        return Response({"probability": probability([features[name] for name in NAMES])})


urlpatterns = [path("score", ScoreView.as_view())]
application = get_wsgi_application()
