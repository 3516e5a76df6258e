import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect

# What was counted by minute before, of the days that pages look at.
FILL = """
WITH minutes AS (
    SELECT *, date_trunc('hour', minute, 'UTC') AS hour FROM scoring_minutestatistics
    WHERE minute >= now() - interval '32 days'
), alerts AS (
    SELECT tenant_id, intent, hour, transform, jsonb_object_agg(key, count) AS alerts FROM (
        SELECT tenant_id, intent, hour, transform, key, sum(value::bigint) AS count
        FROM minutes, jsonb_each_text(alerts) GROUP BY 1, 2, 3, 4, 5
    ) AS counted GROUP BY 1, 2, 3, 4
), histograms AS (
    SELECT tenant_id, intent, hour, transform, jsonb_agg(count ORDER BY place) AS histogram FROM (
        SELECT tenant_id, intent, hour, transform, place, sum(value::bigint) AS count
        FROM minutes, jsonb_array_elements_text(histogram) WITH ORDINALITY AS bins(value, place) GROUP BY 1, 2, 3, 4, 5
    ) AS counted GROUP BY 1, 2, 3, 4
)
INSERT INTO scoring_hourstatistics (tenant_id, intent, hour, transform, events, alerts, histogram, thresholds)
SELECT tenant_id, intent, hour, transform, sum(events),
    coalesce((array_agg(a.alerts))[1], '{}'), (array_agg(h.histogram))[1], '{}'
FROM minutes LEFT JOIN alerts AS a USING (tenant_id, intent, hour, transform)
JOIN histograms AS h USING (tenant_id, intent, hour, transform)
GROUP BY 1, 2, 3, 4
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_history"), ("tenants", "0004_audit_origin")]

    operations = [
        migrations.AddField("servingprocess", "latencies", models.JSONField(default=dict)),
        migrations.CreateModel(
            name="HourStatistics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("intent", models.CharField(max_length=63)),
                ("hour", models.DateTimeField()),
                ("transform", models.BigIntegerField()),
                ("events", models.PositiveBigIntegerField(default=0)),
                ("alerts", models.JSONField(default=dict)),
                ("histogram", models.JSONField(default=list)),
                ("thresholds", models.JSONField(default=dict)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "hour statistics",
                "indexes": [models.Index(fields=["hour"], name="scoring_hou_hour_2d9080_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "intent", "hour", "transform"), name="one_row_of_an_hour"
                    )
                ],
            },
        ),
        protect("scoring_hourstatistics"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
