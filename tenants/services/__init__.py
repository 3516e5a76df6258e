"""What changes who is who. Each service is one transaction, checks that its actor may do it, and leaves an audit entry.

`actor` None is the platform itself: commands that an operator runs on the machine.
"""

from tenants.services.audit import record
from tenants.services.keys import (
    create_api_key,
    limit_api_key,
    note_refused,
    restrict_api_key,
    revoke_api_key,
    rotate_api_key,
)
from tenants.services.people import (
    add_member,
    change_person,
    create_person,
    create_personal_token,
    passwords_go_by_link,
    remove_member,
    revoke_personal_token,
    set_password,
    set_quiet_hours,
    set_wants_email,
)
from tenants.services.tenants import change_tenant, create_tenant

__all__ = [
    "add_member",
    "change_person",
    "change_tenant",
    "create_api_key",
    "create_person",
    "create_personal_token",
    "create_tenant",
    "limit_api_key",
    "note_refused",
    "passwords_go_by_link",
    "record",
    "remove_member",
    "restrict_api_key",
    "revoke_api_key",
    "revoke_personal_token",
    "rotate_api_key",
    "set_password",
    "set_quiet_hours",
    "set_wants_email",
]
