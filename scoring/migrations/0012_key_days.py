"""Events are counted by key and day, for quotas of events a day."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("scoring", "0011_signatures"), ("tenants", "0018_day_quotas")]

    operations = [
        migrations.CreateModel(
            name="KeyDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("events", models.PositiveBigIntegerField(default=0)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.apikey"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="scoring_keyday_day_idx")],
                "constraints": [models.UniqueConstraint(fields=("key", "day"), name="one_row_of_a_key_and_day")],
            },
        ),
        protect("scoring_keyday"),
    ]
