"""What comes with a model file to try it on, and what came of that: its check writes it, as it does the quantiles."""

from django.db import migrations, models

from tenants.row_security import may_update


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0011_replacements'),
    ]

    operations = [
        migrations.AddField(
            model_name='modelversion',
            name='validation_events',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='validation',
            field=models.JSONField(blank=True, null=True),
        ),
        may_update("models_app_modelversion", "validation", "validation_quantiles"),
    ]
