"""Incidents say whether they stand once all intents are judged together."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0027_standing_approvals'),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='stands',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
