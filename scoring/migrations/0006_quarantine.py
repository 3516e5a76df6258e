import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_latencies_of_older_processes"), ("tenants", "0004_audit_origin")]

    operations = [
        migrations.AddField("consumerlane", "conflicts", models.PositiveBigIntegerField(db_default=0, default=0)),
        migrations.CreateModel(
            name="QuarantinedTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("machine", models.CharField(max_length=200)),
                ("intent", models.CharField(max_length=63)),
                ("kind", models.CharField(max_length=8)),
                ("since", models.DateTimeField()),
                ("reason", models.TextField()),
                ("records", models.PositiveBigIntegerField(default=0)),
                ("bytes", models.PositiveBigIntegerField(default=0)),
                ("lost", models.PositiveBigIntegerField(default=0)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "ordering": ["machine", "tenant_id", "intent", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("machine", "tenant", "intent", "kind"), name="one_row_of_a_table_in_quarantine"
                    )
                ],
            },
        ),
        protect("scoring_quarantinedtable"),
    ]
