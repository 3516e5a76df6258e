"""What replaces a predictor for many tenants is called a replacement; its tables keep their names, rows and policies."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


_SUBJECTS = """
UPDATE tenants_auditentry SET subject_type = 'replacement' WHERE subject_type = 'proposal';
UPDATE tenants_auditentry SET subject_type = 'replacement-line' WHERE subject_type = 'proposal-line'
"""
_SUBJECTS_BACK = """
UPDATE tenants_auditentry SET subject_type = 'proposal' WHERE subject_type = 'replacement';
UPDATE tenants_auditentry SET subject_type = 'proposal-line' WHERE subject_type = 'replacement-line'
"""


class Migration(migrations.Migration):
    dependencies = [("models_app", "0010_verdict_details")]

    operations = [
        migrations.RunSQL(_SUBJECTS, _SUBJECTS_BACK),
        migrations.AlterModelTable("Proposal", "models_app_proposal"),
        migrations.AlterModelTable("ProposalLine", "models_app_proposalline"),
        migrations.RenameModel("Proposal", "Replacement"),
        migrations.RenameModel("ProposalLine", "ReplacementLine"),
        migrations.RemoveConstraint("ReplacementLine", "one_line_of_a_tenant_in_a_proposal"),
        migrations.AlterField(
            "ReplacementLine",
            "proposal",
            models.ForeignKey(
                db_column="proposal_id",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="models_app.replacement",
            ),
        ),
        migrations.RenameField("ReplacementLine", "proposal", "replacement"),
        migrations.AddConstraint(
            "ReplacementLine",
            models.UniqueConstraint(fields=("replacement", "tenant"), name="one_line_of_a_tenant_in_a_replacement"),
        ),
        migrations.AlterField(
            "Replacement",
            "author",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "Replacement",
            "predictor",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to="models_app.predictorversion",
            ),
        ),
        migrations.AlterField(
            "ReplacementLine",
            "change_request",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacement_line",
                to="models_app.changerequest",
            ),
        ),
        migrations.AlterField(
            "ReplacementLine",
            "tenant",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="replacement_lines", to="tenants.tenant"
            ),
        ),
    ]
