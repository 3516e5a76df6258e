"""Hours keep signatures of their alerts, by which copies of known fraud are found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0010_refused_requests'),
    ]

    operations = [
        migrations.AddField(
            model_name='hourprofile',
            name='signatures',
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
