"""Fits of more events than are sorted, and the sketches of their days."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0023_second_factor'),
        ('tenants', '0013_key_networks'),
    ]

    operations = [
        migrations.AddField(
            model_name='fit',
            name='sketched',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='FitPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16)),
                ('progress', models.FloatField(default=0.0)),
                ('log', models.JSONField(default=list)),
                ('error', models.TextField(blank=True)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('alive_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('start', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('events', models.PositiveBigIntegerField(default=0)),
                ('sketch', models.BinaryField(blank=True, null=True)),
                ('fit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='models_app.fit')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fit_parts', to='tenants.tenant')),
            ],
            options={
                'ordering': ['start'],
                'abstract': False,
                'indexes': [models.Index(fields=['state', 'alive_at'], name='models_app__state_d3c24b_idx')],
                'constraints': [models.UniqueConstraint(fields=('fit', 'start'), name='one_part_of_a_fit_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('sketch__isnull', False), ('state', 'succeeded')), models.Q(models.Q(('state', 'succeeded'), _negated=True), ('sketch__isnull', True)), _connector='OR'), name='only_a_part_that_succeeded_has_a_sketch')],
            },
        ),
        protect("models_app_fitpart"),
    ]
