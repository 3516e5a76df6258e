from django.db import migrations

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):
    dependencies = [("models_app", "0001_initial"), ("tenants", "0002_row_security")]

    operations = [
        protect("models_app_transform"),
        protect("models_app_sample"),
        protect("models_app_fit"),
        append_only(
            "models_app_modelversion",
            *("state", "reason", "checks", "digest", "single_rows", "parity", "checked_at", "attempt", "alive_at"),
        ),
        append_only("models_app_predictorversion"),
        append_only("models_app_predictormember"),
        append_only("models_app_referencedistribution"),
        append_only("models_app_transform"),
    ]
