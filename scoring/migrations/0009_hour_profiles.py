import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0008_degraded_events'),
        ('tenants', '0012_segment_features'),
    ]

    operations = [
        migrations.CreateModel(
            name='HourProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('intent', models.CharField(max_length=63)),
                ('hour', models.DateTimeField()),
                ('transform', models.BigIntegerField()),
                ('events', models.PositiveBigIntegerField(default=0)),
                ('alerts', models.JSONField(default=dict)),
                ('thresholds', models.JSONField(default=dict)),
                ('beyond', models.PositiveBigIntegerField(default=0)),
                ('probability', models.JSONField(default=dict)),
                ('features', models.JSONField(default=dict)),
                ('context', models.JSONField(default=dict)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='scoring_hou_hour_dba70c_idx')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'intent', 'hour', 'transform'), name='one_profile_of_an_hour')],
            },
        ),
        protect("scoring_hourprofile"),
    ]
