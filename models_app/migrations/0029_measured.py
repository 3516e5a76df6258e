"""What a monitor measures beside what it decides by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0028_incidents_that_stand'),
    ]

    operations = [
        migrations.AddField(
            model_name='monitor',
            name='measured',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='monitor',
            name='labels',
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
