"""Refreshes name the incidents that held them back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0031_successors'),
    ]

    operations = [
        migrations.AddField(
            model_name='refresh',
            name='held_back_by',
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
