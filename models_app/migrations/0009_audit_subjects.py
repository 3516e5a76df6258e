"""What entries of the audit trail were done to, by type and primary key, read from the text by which older ones name it.

Where a text leads to no row (it is gone, its name was cut), the entry stays without. The application may only ever add
to the trail; migrations run as the owner of its table.
"""

from django.db import migrations

# Called by their primary keys, which entries keep though the row may be gone.
BY_KEY = r"""
UPDATE tenants_auditentry
SET subject_type = replace(substring(subject from '^[a-z ]+(?= \d)'), ' ', '-'),
    subject_id = substring(subject from '\d+$')::bigint
WHERE subject_type = ''
    AND subject ~ '^(delivery|evidence|fit|proposal|proposal line|sample|transform|webhook) \d{1,18}$'
"""

CHANGE_REQUESTS = r"""
UPDATE tenants_auditentry e SET subject_type = 'change-request', subject_id = r.id
FROM models_app_changerequest r
WHERE e.subject_type = '' AND r.tenant_id = e.tenant_id
    AND r.number = substring(e.subject from '^change request (\d{1,9}) of ')::bigint
"""

RELEASES = r"""
UPDATE tenants_auditentry e SET subject_type = 'release', subject_id = r.id
FROM scoring_release r
WHERE e.subject_type = '' AND r.tenant_id = e.tenant_id
    AND r.number = substring(e.subject from '^release (\d{1,9})$')::bigint
"""

INTENTS = """
UPDATE tenants_auditentry e SET subject_type = 'intent', subject_id = r.id
FROM tenants_intent r
WHERE e.subject_type = '' AND e.act IN ('create intent', 'change intent')
    AND r.tenant_id = e.tenant_id AND r.name = e.subject
"""

API_KEYS = """
UPDATE tenants_auditentry e SET subject_type = 'api-key', subject_id = r.id
FROM tenants_apikey r
WHERE e.subject_type = '' AND e.act IN ('create key', 'rotate key', 'revoke key')
    AND r.tenant_id = e.tenant_id AND 'muse_' || r.prefix = e.subject
"""

PEOPLE = """
UPDATE tenants_auditentry e SET subject_type = 'person', subject_id = r.id
FROM tenants_person r
WHERE e.subject_type = '' AND r.email = e.subject AND e.act IN (
    'create person', 'change person', 'set e-mail', 'set password',
    'add member', 'remove member', 'create token', 'revoke token')
"""

VERSIONED = """
UPDATE tenants_auditentry e SET subject_type = '{kind}', subject_id = r.id
FROM models_app_{table} r
WHERE e.subject_type = '' AND e.act IN ({acts}) AND r.name || '@' || r.version = e.subject
"""

# The tenant that the entry is of; one that was erased is in the entry's details.
TENANTS = """
UPDATE tenants_auditentry SET subject_type = 'tenant', subject_id = tenant_id
WHERE subject_type = '' AND tenant_id IS NOT NULL AND act IN ('create tenant', 'change tenant', 'break glass')
"""
POLICIES = """
UPDATE tenants_auditentry SET subject_type = 'review-policy', subject_id = tenant_id
WHERE subject_type = '' AND tenant_id IS NOT NULL AND act = 'set review policy'
"""
ERASED = r"""
UPDATE tenants_auditentry SET subject_type = 'tenant', subject_id = (details->>'tenant_id')::bigint
WHERE subject_type = '' AND act = 'erase tenant' AND details->>'tenant_id' ~ '^\d{1,18}$'
"""

STATEMENTS = [
    BY_KEY,
    CHANGE_REQUESTS,
    RELEASES,
    INTENTS,
    API_KEYS,
    PEOPLE,
    VERSIONED.format(kind="model-version", table="modelversion", acts="'register model', 'check model'"),
    VERSIONED.format(kind="predictor-version", table="predictorversion", acts="'create predictor'"),
    VERSIONED.format(kind="reference-distribution", table="referencedistribution", acts="'create reference'"),
    TENANTS,
    POLICIES,
    ERASED,
]


class Migration(migrations.Migration):
    dependencies = [
        ("models_app", "0008_model_checks"),
        ("scoring", "0006_quarantine"),
        ("tenants", "0007_audit_subject"),
    ]

    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS]
