"""Change requests: proposing, reviewing and publishing them. transitions.py is the table of all that can happen."""

from models_app.services.changes.drafting import create_change, edit_change, refresh_change
from models_app.services.changes.evidence import request_evidence, resume_stalled_evidence
from models_app.services.changes.expiry import expire_changes
from models_app.services.changes.importing import import_change
from models_app.services.changes.policy import set_policy
from models_app.services.changes.publishing import publish_change
from models_app.services.changes.reviewing import approve, comment, reject, submit, withdraw
from models_app.services.changes.rollback import roll_back

__all__ = [
    "approve",
    "comment",
    "create_change",
    "edit_change",
    "expire_changes",
    "import_change",
    "publish_change",
    "refresh_change",
    "reject",
    "request_evidence",
    "resume_stalled_evidence",
    "roll_back",
    "set_policy",
    "submit",
    "withdraw",
]
