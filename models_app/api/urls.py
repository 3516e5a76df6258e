"""Addresses below /api/v1/: intents, what scores are made of, fits, releases, and what the data plane does."""

from django.urls import path

from models_app.api.fits import FitCancellation, FitDetail, Fits
from models_app.api.intents import IntentDetail, Intents
from models_app.api.models import Model, Models
from models_app.api.predictors import Predictor, Predictors
from models_app.api.references import Reference, References
from models_app.api.releases import ReleaseDetail, ReleaseDiff, ReleaseExport, ReleaseRollback, Releases
from models_app.api.samples import Samples
from models_app.api.serving import IntentStatistics, Serving
from models_app.api.transforms import TransformDetail, Transforms

TENANT = "tenants/<slug:tenant>"

urlpatterns = [
    path("models", Models.as_view()),
    path("models/<slug:name>/<int:version>", Model.as_view()),
    path("predictors", Predictors.as_view()),
    path("predictors/<slug:name>/<int:version>", Predictor.as_view()),
    path("references", References.as_view()),
    path("references/<slug:name>/<int:version>", Reference.as_view()),
    path("serving", Serving.as_view()),
    path(f"{TENANT}/intents", Intents.as_view()),
    path(f"{TENANT}/intents/<slug:intent>", IntentDetail.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/statistics", IntentStatistics.as_view()),
    path(f"{TENANT}/transforms", Transforms.as_view()),
    path(f"{TENANT}/transforms/<int:transform>", TransformDetail.as_view()),
    path(f"{TENANT}/samples", Samples.as_view()),
    path(f"{TENANT}/fits", Fits.as_view()),
    path(f"{TENANT}/fits/<int:fit>", FitDetail.as_view()),
    path(f"{TENANT}/fits/<int:fit>/cancel", FitCancellation.as_view()),
    path(f"{TENANT}/releases", Releases.as_view()),
    path(f"{TENANT}/releases/rollback", ReleaseRollback.as_view()),
    path(f"{TENANT}/releases/<int:number>", ReleaseDetail.as_view()),
    path(f"{TENANT}/releases/<int:number>/diff/<int:other>", ReleaseDiff.as_view()),
    path(f"{TENANT}/releases/<int:number>/export", ReleaseExport.as_view()),
]
