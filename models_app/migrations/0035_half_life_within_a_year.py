"""The form and the API take the half-lives that the service takes; in the database nothing changes."""

import django.core.validators
from django.db import migrations, models

_HALF_LIFE = [django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(365.0)]


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0034_standing_approval_alerts_checked'),
    ]

    operations = [
        migrations.AlterField(
            model_name=name,
            name='half_life_days',
            field=models.FloatField(blank=True, null=True, validators=_HALF_LIFE),
        )
        for name in ('refreshpolicy', 'refreshpolicyhistory')
    ]
