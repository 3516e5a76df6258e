from tenants.models.api_key import ApiKey
from tenants.models.audit import AuditEntry
from tenants.models.history import History
from tenants.models.intent import Intent
from tenants.models.membership import Membership
from tenants.models.person import Person
from tenants.models.personal_token import PersonalToken
from tenants.models.tenant import Tenant

__all__ = ["ApiKey", "AuditEntry", "History", "Intent", "Membership", "Person", "PersonalToken", "Tenant"]
