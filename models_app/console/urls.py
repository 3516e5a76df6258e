"""Addresses of the console's pages."""

from django.urls import path

from models_app.console.audit.audit import Audit, AuditExport, Entry, TenantAudit, TenantAuditExport, TenantEntry
from models_app.console.audit.history import SharedHistory, TenantHistory
from models_app.console.catalog.models import ModelPage, Models
from models_app.console.catalog.new_model import NewModel
from models_app.console.catalog.new_predictor import NewPredictor
from models_app.console.catalog.new_reference import NewBeta, NewCurve
from models_app.console.catalog.predictors import PredictorPage, Predictors
from models_app.console.catalog.references import ReferencePage, References
from models_app.console.changes.change import ChangePage
from models_app.console.changes.changes import AllChanges, Changes
from models_app.console.changes.decision_change_list import DecisionChangeFile, DecisionChangeList
from models_app.console.changes.new_change import NewChange
from models_app.console.changes.policy import Policy
from models_app.console.events.event import EventPage
from models_app.console.events.event_counts import EventCounts
from models_app.console.events.events import Events
from models_app.console.home.home import Home
from models_app.console.intents.edit import ChangeIntent, NewIntent
from models_app.console.intents.intent import IntentPage
from models_app.console.intents.intents import AllIntents
from models_app.console.intents.refreshes import Refreshes
from models_app.console.intents.setup import IntentSetup
from models_app.console.intents.trials import Trials
from models_app.console.monitoring.incident import IncidentPage
from models_app.console.monitoring.incidents import Incidents
from models_app.console.monitoring.monitoring import Monitoring
from models_app.console.notifications.notifications import Notifications, PlatformNotifications
from models_app.console.people.account import Account
from models_app.console.people.keys import Keys
from models_app.console.people.members import Members, People
from models_app.console.people.tenants import TenantHome, Tenants
from models_app.console.releases.release import ReleasePage
from models_app.console.releases.releases import Releases
from models_app.console.releases.serving import Serving
from models_app.console.replacements.replacement import ReplacementPage
from models_app.console.replacements.replacements import Replacements
from models_app.console.transforms.fit import FitPage
from models_app.console.transforms.fits import Fits
from models_app.console.transforms.new_fit import NewFit
from models_app.console.transforms.transforms import TransformPage, Transforms
from models_app.console.ui.choices import Choices, TenantChoices

app_name = "console"
TENANT = "tenants/<slug:tenant>"

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("account", Account.as_view(), name="account"),
    path("changes", AllChanges.as_view(), name="all_changes"),
    path("models", Models.as_view(), name="models"),
    path("models/new", NewModel.as_view(), name="new_model"),
    path("models/<slug:name>/<int:version>", ModelPage.as_view(), name="model"),
    path("predictors", Predictors.as_view(), name="predictors"),
    path("predictors/new", NewPredictor.as_view(), name="new_predictor"),
    path("predictors/<slug:name>/<int:version>", PredictorPage.as_view(), name="predictor"),
    path("references", References.as_view(), name="references"),
    path("references/new/curve", NewCurve.as_view(), name="new_curve"),
    path("references/new/beta", NewBeta.as_view(), name="new_beta"),
    path("references/<slug:name>/<int:version>", ReferencePage.as_view(), name="reference"),
    path("proposals", Replacements.as_view(), name="replacements"),
    path("proposals/<int:proposal>", ReplacementPage.as_view(), name="replacement"),
    path("serving", Serving.as_view(), name="serving"),
    path("people", People.as_view(), name="people"),
    path("audit", Audit.as_view(), name="platform_audit"),
    path("choices/<slug:kind>", Choices.as_view(), name="choices"),
    path("audit/export", AuditExport.as_view(), name="platform_audit_export"),
    path("audit/<int:entry>", Entry.as_view(), name="platform_audit_entry"),
    path("history/<slug:of>/<int:key>", SharedHistory.as_view(), name="platform_history"),
    path("notifications", PlatformNotifications.as_view(), name="platform_notifications"),
    path("monitoring", Monitoring.as_view(), name="monitoring"),
    path("monitoring/incidents", Incidents.as_view(), name="incidents"),
    path("intents", AllIntents.as_view(), name="intents"),
    path("tenants", Tenants.as_view(), name="tenants"),
    path(TENANT, TenantHome.as_view(), name="tenant"),
    path(f"{TENANT}/new-intent", NewIntent.as_view(), name="new_intent"),
    path(f"{TENANT}/intents/<slug:intent>/setup", IntentSetup.as_view(), name="intent_setup"),
    path(f"{TENANT}/intents/<slug:intent>/change", ChangeIntent.as_view(), name="change_intent"),
    path(f"{TENANT}/intents/<slug:intent>/refreshes", Refreshes.as_view(), name="refreshes"),
    path(f"{TENANT}/intents/<slug:intent>/trials", Trials.as_view(), name="trials"),
    path(f"{TENANT}/intents/<slug:intent>", IntentPage.as_view(), name="intent"),
    path(f"{TENANT}/incidents/<int:incident>", IncidentPage.as_view(), name="incident"),
    path(f"{TENANT}/fits", Fits.as_view(), name="fits"),
    path(f"{TENANT}/new-fit", NewFit.as_view(), name="new_fit"),
    path(f"{TENANT}/fits/<int:fit>", FitPage.as_view(), name="fit"),
    path(f"{TENANT}/transforms", Transforms.as_view(), name="transforms"),
    path(f"{TENANT}/transforms/<int:transform>", TransformPage.as_view(), name="transform"),
    path(f"{TENANT}/changes", Changes.as_view(), name="changes"),
    path(f"{TENANT}/new-change", NewChange.as_view(), name="new_change"),
    path(f"{TENANT}/changes/<int:change>", ChangePage.as_view(), name="change"),
    path(f"{TENANT}/changes/<int:change>/decision-changes", DecisionChangeList.as_view(), name="decision_changes"),
    path(
        f"{TENANT}/changes/<int:change>/decision-changes/export",
        DecisionChangeFile.as_view(),
        name="decision_changes_export",
    ),
    path(f"{TENANT}/releases", Releases.as_view(), name="releases"),
    path(f"{TENANT}/releases/<int:number>", ReleasePage.as_view(), name="release"),
    path(f"{TENANT}/events", Events.as_view(), name="events"),
    path(f"{TENANT}/event-counts", EventCounts.as_view(), name="event_counts"),
    path(f"{TENANT}/events/<path:event_id>", EventPage.as_view(), name="event"),
    path(f"{TENANT}/keys", Keys.as_view(), name="keys"),
    path(f"{TENANT}/members", Members.as_view(), name="members"),
    path(f"{TENANT}/policy", Policy.as_view(), name="policy"),
    path(f"{TENANT}/choices/<slug:kind>", TenantChoices.as_view(), name="tenant_choices"),
    path(f"{TENANT}/notifications", Notifications.as_view(), name="notifications"),
    path(f"{TENANT}/audit", TenantAudit.as_view(), name="audit"),
    path(f"{TENANT}/audit/export", TenantAuditExport.as_view(), name="audit_export"),
    path(f"{TENANT}/audit/<int:entry>", TenantEntry.as_view(), name="audit_entry"),
    path(f"{TENANT}/history/<slug:of>/<int:key>", TenantHistory.as_view(), name="history"),
]
