"""A monitor's library of known fraud."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0029_measured'),
    ]

    operations = [
        migrations.AddField(
            model_name='monitor',
            name='library',
            field=models.BinaryField(blank=True, null=True),
        ),
    ]
