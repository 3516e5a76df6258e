from django.db import migrations

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("tenants", "0002_row_security")]

    operations = [
        protect("scoring_release"),
        protect("scoring_currentrelease"),
        protect("scoring_minutestatistics"),
        protect("scoring_statisticscursor"),
        append_only("scoring_release"),
    ]
