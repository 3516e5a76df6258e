"""The audit trail's entries chained by hash: those that there are, and by a trigger each new one."""

from django.db import migrations, models

# As tenants/audit_chain.py has it, which verifies; the last entry is looked for under a lock that a chain's writers take
# in turn, to the end of their transactions, so that no two entries have the same link.
FUNCTIONS = """
CREATE FUNCTION muse_audit_hash(previous text, entry tenants_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(
    previous, entry.link, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.person_id, entry.tenant_id, entry.act,
    entry.subject, entry.subject_type, entry.subject_id, entry.reason, entry.details::text, host(entry.address),
    entry.request, entry.origin::text
  )::text, 'UTF8')), 'hex')
$$;
CREATE FUNCTION muse_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last tenants_auditentry;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('muse.audit', coalesce(NEW.tenant_id, 0)));
  IF NEW.tenant_id IS NULL THEN  -- apart, for IS NOT DISTINCT FROM uses no index
    SELECT * INTO last FROM tenants_auditentry WHERE tenant_id IS NULL ORDER BY link DESC LIMIT 1;
  ELSE
    SELECT * INTO last FROM tenants_auditentry WHERE tenant_id = NEW.tenant_id ORDER BY link DESC LIMIT 1;
  END IF;
  NEW.link := coalesce(last.link, 0) + 1;
  NEW.hash := muse_audit_hash(coalesce(last.hash, ''), NEW);
  RETURN NEW;
END $$;
"""
CHAIN_WHAT_IS_THERE = """
DO $$
DECLARE entry tenants_auditentry; last tenants_auditentry;
BEGIN
  FOR entry IN SELECT * FROM tenants_auditentry ORDER BY tenant_id NULLS FIRST, id LOOP
    IF last.id IS NULL OR last.tenant_id IS DISTINCT FROM entry.tenant_id THEN
      last.link := 0; last.hash := '';
    END IF;
    entry.link := last.link + 1;
    entry.hash := muse_audit_hash(last.hash, entry);
    UPDATE tenants_auditentry SET link = entry.link, hash = entry.hash WHERE id = entry.id;
    last := entry;
  END LOOP;
END $$;
"""
TRIGGER = """
CREATE TRIGGER muse_audit_link BEFORE INSERT ON tenants_auditentry FOR EACH ROW EXECUTE FUNCTION muse_audit_link();
"""
BACK = """
DROP TRIGGER muse_audit_link ON tenants_auditentry;
DROP FUNCTION muse_audit_link();
DROP FUNCTION muse_audit_hash(text, tenants_auditentry);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0008_how_evidence_judges"),
        ("models_app", "0011_replacements"),  # the last that alters older entries: what is chained stays as it is
    ]

    operations = [
        migrations.AddField(
            "auditentry", "link", models.PositiveBigIntegerField(editable=False, null=True), preserve_default=False
        ),
        migrations.AddField(
            "auditentry",
            "hash",
            models.CharField(editable=False, max_length=64, null=True),
            preserve_default=False,
        ),
        migrations.RunSQL([FUNCTIONS, CHAIN_WHAT_IS_THERE, "SET CONSTRAINTS ALL IMMEDIATE", TRIGGER], BACK),
        migrations.AlterField("auditentry", "link", models.PositiveBigIntegerField(editable=False)),
        migrations.AlterField("auditentry", "hash", models.CharField(editable=False, max_length=64)),
        migrations.AddConstraint(
            "auditentry",
            models.UniqueConstraint(
                fields=("tenant", "link"), name="one_audit_entry_of_a_link", nulls_distinct=False
            ),
        ),
    ]
