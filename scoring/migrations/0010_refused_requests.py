import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("scoring", "0009_hour_profiles"), ("tenants", "0004_audit_origin")]

    operations = [
        migrations.CreateModel(
            name="RefusedRequests",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("intent", models.CharField(blank=True, max_length=63)),
                ("hour", models.DateTimeField()),
                ("reason", models.CharField(max_length=16)),
                ("requests", models.PositiveBigIntegerField(default=0)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "refused requests",
                "ordering": ["-hour", "intent", "reason"],
                "indexes": [models.Index(fields=["tenant", "hour"], name="scoring_ref_tenant__hour_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "intent", "hour", "reason"), name="one_row_of_refused_requests"
                    )
                ],
            },
        ),
        protect("scoring_refusedrequests"),
    ]
