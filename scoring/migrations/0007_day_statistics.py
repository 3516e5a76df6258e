import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect

# What was counted by hour before. When its events occurred is not in it: they count on the day on which they were scored.
FILL = """
WITH hours AS (
    SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM scoring_hourstatistics
    WHERE hour >= now() - interval '32 days'
), counted AS (
    SELECT tenant_id, intent, day, transform, jsonb_object_agg(key, count) AS alerts FROM (
        SELECT tenant_id, intent, day, transform, key, sum(value::bigint) AS count
        FROM hours, jsonb_each_text(alerts) GROUP BY 1, 2, 3, 4, 5
    ) AS by_threshold GROUP BY 1, 2, 3, 4
), latest AS (
    SELECT tenant_id, intent, day, transform, sum(events) AS events,
        (array_agg(thresholds ORDER BY hour DESC))[1] AS thresholds
    FROM hours GROUP BY 1, 2, 3, 4
)
INSERT INTO scoring_daystatistics (tenant_id, intent, day, transform, events, alerts, thresholds)
SELECT tenant_id, intent, day, transform, events, coalesce(alerts, '{}'), thresholds
FROM latest LEFT JOIN counted USING (tenant_id, intent, day, transform)
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_quarantine"), ("tenants", "0004_audit_origin")]

    operations = [
        migrations.AddField(
            "hourstatistics", "late", models.PositiveBigIntegerField(default=0, db_default=0)
        ),
        migrations.CreateModel(
            name="DayStatistics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("intent", models.CharField(max_length=63)),
                ("day", models.DateField()),
                ("transform", models.BigIntegerField()),
                ("events", models.PositiveBigIntegerField(default=0)),
                ("alerts", models.JSONField(default=dict)),
                ("thresholds", models.JSONField(default=dict)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "day statistics",
                "indexes": [models.Index(fields=["day"], name="scoring_day_day_a55e55_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "intent", "day", "transform"), name="one_row_of_a_day")
                ],
            },
        ),
        protect("scoring_daystatistics"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
