"""People see how many segments of a lane are set aside, for a part of them could not be read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0012_key_days")]

    operations = [
        migrations.AddField(
            model_name="consumerlane",
            name="set_aside",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
