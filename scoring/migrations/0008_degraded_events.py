from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_day_statistics")]

    operations = [
        migrations.AddField(model, "degraded", models.PositiveBigIntegerField(default=0, db_default=0))
        for model in ("minutestatistics", "hourstatistics")
    ]
