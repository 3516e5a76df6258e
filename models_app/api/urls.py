"""Addresses below /api/v1/: intents, what scores are made of, fits, releases, and what the data plane does."""

from django.urls import path

from models_app.api.alert_rates import IntentAlertRates
from models_app.api.changes import (
    AllChanges,
    ChangeApproval,
    ChangeComments,
    ChangeDetail,
    ChangeEvidence,
    ChangeImport,
    ChangePublication,
    ChangeRefreshing,
    ChangeRejection,
    Changes,
    ChangeSubmission,
    ChangeWithdrawal,
)
from models_app.api.decision_changes import DecisionChangeExport, DecisionChanges
from models_app.api.fits import FitCancellation, FitDetail, Fits
from models_app.api.incidents import (
    AllIncidents,
    IncidentAcknowledgement,
    IncidentClosure,
    IncidentDetail,
    Incidents,
    Monitors,
)
from models_app.api.intents import IntentDetail, Intents
from models_app.api.models import Model, Models
from models_app.api.policy import Policy
from models_app.api.policy_changes import (
    PlatformPolicyChangeApproval,
    PlatformPolicyChangeDetail,
    PlatformPolicyChangeRejection,
    PlatformPolicyChanges,
    PlatformPolicyChangeWithdrawal,
    PolicyChangeApproval,
    PolicyChangeDetail,
    PolicyChangeRejection,
    PolicyChanges,
    PolicyChangeWithdrawal,
)
from models_app.api.predictors import Predictor, Predictors
from models_app.api.references import Reference, References
from models_app.api.refreshes import IntentRefreshPolicy, RefreshDetail, Refreshes
from models_app.api.refused import Refusals
from models_app.api.releases import ReleaseDetail, ReleaseDiff, ReleaseExport, ReleaseRollback, Releases
from models_app.api.replacements import ReplacementApproval, ReplacementCancellation, ReplacementDetail, Replacements
from models_app.api.roles import Member, Members, PasswordLink, People, PersonDetail
from models_app.api.samples import Samples
from models_app.api.serving import IntentStatistics, Serving
from models_app.api.standing_approvals import (
    StandingApprovalApproval,
    StandingApprovalDetail,
    StandingApprovalRevocation,
    StandingApprovals,
)
from models_app.api.successors import IntentSuccessorPolicy, TrialDetail, Trials
from models_app.api.track_record import IntentTrackRecord
from models_app.api.transforms import TransformDetail, Transforms
from models_app.api.webhooks import (
    Deliveries,
    PlatformDeliveries,
    PlatformRedelivery,
    PlatformWebhook,
    PlatformWebhooks,
    PlatformWebhookSecret,
    PlatformWebhookTest,
    Redelivery,
    Webhook,
    Webhooks,
    WebhookSecret,
    WebhookTest,
)

TENANT = "tenants/<slug:tenant>"

urlpatterns = [
    path("models", Models.as_view()),
    path("models/<slug:name>/<int:version>", Model.as_view()),
    path("predictors", Predictors.as_view()),
    path("predictors/<slug:name>/<int:version>", Predictor.as_view()),
    path("references", References.as_view()),
    path("references/<slug:name>/<int:version>", Reference.as_view()),
    path("serving", Serving.as_view()),
    path("incidents", AllIncidents.as_view()),
    path(f"{TENANT}/incidents", Incidents.as_view()),
    path(f"{TENANT}/incidents/<int:incident>", IncidentDetail.as_view()),
    path(f"{TENANT}/incidents/<int:incident>/acknowledge", IncidentAcknowledgement.as_view()),
    path(f"{TENANT}/incidents/<int:incident>/close", IncidentClosure.as_view()),
    path(f"{TENANT}/monitors", Monitors.as_view()),
    path(f"{TENANT}/intents", Intents.as_view()),
    path(f"{TENANT}/intents/<slug:intent>", IntentDetail.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/statistics", IntentStatistics.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/alert-rates", IntentAlertRates.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/refresh-policy", IntentRefreshPolicy.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/refreshes", Refreshes.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/refreshes/<int:refresh>", RefreshDetail.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/successor-policy", IntentSuccessorPolicy.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/trials", Trials.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/trials/<int:trial>", TrialDetail.as_view()),
    path(f"{TENANT}/standing-approvals", StandingApprovals.as_view()),
    path(f"{TENANT}/standing-approvals/<int:approval>", StandingApprovalDetail.as_view()),
    path(f"{TENANT}/standing-approvals/<int:approval>/approve", StandingApprovalApproval.as_view()),
    path(f"{TENANT}/standing-approvals/<int:approval>/revoke", StandingApprovalRevocation.as_view()),
    path(f"{TENANT}/intents/<slug:intent>/track-record", IntentTrackRecord.as_view()),
    path(f"{TENANT}/transforms", Transforms.as_view()),
    path(f"{TENANT}/transforms/<int:transform>", TransformDetail.as_view()),
    path(f"{TENANT}/refused-requests", Refusals.as_view()),
    path(f"{TENANT}/samples", Samples.as_view()),
    path(f"{TENANT}/fits", Fits.as_view()),
    path(f"{TENANT}/fits/<int:fit>", FitDetail.as_view()),
    path(f"{TENANT}/fits/<int:fit>/cancel", FitCancellation.as_view()),
    path("proposals", Replacements.as_view()),
    path("proposals/<int:proposal>", ReplacementDetail.as_view()),
    path("proposals/<int:proposal>/cancel", ReplacementCancellation.as_view()),
    path("proposals/<int:proposal>/approve", ReplacementApproval.as_view()),
    path("people", People.as_view()),
    path("people/<int:person>", PersonDetail.as_view()),
    path("people/<int:person>/password-link", PasswordLink.as_view()),
    path(f"{TENANT}/members", Members.as_view()),
    path(f"{TENANT}/members/<int:member>", Member.as_view()),
    path("policy/changes", PlatformPolicyChanges.as_view()),
    path("policy/changes/<int:change>", PlatformPolicyChangeDetail.as_view()),
    path("policy/changes/<int:change>/approve", PlatformPolicyChangeApproval.as_view()),
    path("policy/changes/<int:change>/reject", PlatformPolicyChangeRejection.as_view()),
    path("policy/changes/<int:change>/withdraw", PlatformPolicyChangeWithdrawal.as_view()),
    path("webhooks", PlatformWebhooks.as_view()),
    path("webhooks/<int:webhook>", PlatformWebhook.as_view()),
    path("webhooks/<int:webhook>/secret", PlatformWebhookSecret.as_view()),
    path("webhooks/<int:webhook>/test", PlatformWebhookTest.as_view()),
    path("deliveries", PlatformDeliveries.as_view()),
    path("deliveries/<int:delivery>/redeliver", PlatformRedelivery.as_view()),
    path(f"{TENANT}/webhooks", Webhooks.as_view()),
    path(f"{TENANT}/webhooks/<int:webhook>", Webhook.as_view()),
    path(f"{TENANT}/webhooks/<int:webhook>/secret", WebhookSecret.as_view()),
    path(f"{TENANT}/webhooks/<int:webhook>/test", WebhookTest.as_view()),
    path(f"{TENANT}/deliveries", Deliveries.as_view()),
    path(f"{TENANT}/deliveries/<int:delivery>/redeliver", Redelivery.as_view()),
    path("changes", AllChanges.as_view()),
    path(f"{TENANT}/policy", Policy.as_view()),
    path(f"{TENANT}/policy/changes", PolicyChanges.as_view()),
    path(f"{TENANT}/policy/changes/<int:change>", PolicyChangeDetail.as_view()),
    path(f"{TENANT}/policy/changes/<int:change>/approve", PolicyChangeApproval.as_view()),
    path(f"{TENANT}/policy/changes/<int:change>/reject", PolicyChangeRejection.as_view()),
    path(f"{TENANT}/policy/changes/<int:change>/withdraw", PolicyChangeWithdrawal.as_view()),
    path(f"{TENANT}/changes", Changes.as_view()),
    path(f"{TENANT}/changes/import", ChangeImport.as_view()),
    path(f"{TENANT}/changes/<int:change>", ChangeDetail.as_view()),
    path(f"{TENANT}/changes/<int:change>/submit", ChangeSubmission.as_view()),
    path(f"{TENANT}/changes/<int:change>/refresh", ChangeRefreshing.as_view()),
    path(f"{TENANT}/changes/<int:change>/withdraw", ChangeWithdrawal.as_view()),
    path(f"{TENANT}/changes/<int:change>/approve", ChangeApproval.as_view()),
    path(f"{TENANT}/changes/<int:change>/reject", ChangeRejection.as_view()),
    path(f"{TENANT}/changes/<int:change>/comments", ChangeComments.as_view()),
    path(f"{TENANT}/changes/<int:change>/publish", ChangePublication.as_view()),
    path(f"{TENANT}/changes/<int:change>/evidence", ChangeEvidence.as_view()),
    path(f"{TENANT}/changes/<int:change>/decision-changes", DecisionChanges.as_view()),
    path(f"{TENANT}/changes/<int:change>/decision-changes/export", DecisionChangeExport.as_view()),
    path(f"{TENANT}/releases", Releases.as_view()),
    path(f"{TENANT}/releases/rollback", ReleaseRollback.as_view()),
    path(f"{TENANT}/releases/<int:number>", ReleaseDetail.as_view()),
    path(f"{TENANT}/releases/<int:number>/diff/<int:other>", ReleaseDiff.as_view()),
    path(f"{TENANT}/releases/<int:number>/export", ReleaseExport.as_view()),
]
