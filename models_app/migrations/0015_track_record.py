"""What was foretold of releases beside what came of it."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0013_two_questions'),
        ('scoring', '0006_quarantine'),
        ('tenants', '0007_audit_subject'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrackRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('intent', models.CharField(max_length=63)),
                ('threshold', models.TextField()),
                ('score', models.FloatField()),
                ('target', models.FloatField()),
                ('low', models.FloatField()),
                ('high', models.FloatField()),
                ('held_out', models.FloatField(blank=True, null=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('events', models.PositiveBigIntegerField(default=0)),
                ('alerts', models.PositiveBigIntegerField(default=0)),
                ('inside', models.BooleanField(blank=True, null=True)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='track_records', to='scoring.release')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='track_records', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-release__number', 'intent', 'score'],
                'indexes': [models.Index(fields=['until', 'since'], name='models_app__until_6f21d3_idx')],
                'constraints': [models.UniqueConstraint(fields=('release', 'intent', 'threshold'), name='one_track_record_of_a_threshold')],
            },
        ),
        protect("models_app_trackrecord"),
    ]
