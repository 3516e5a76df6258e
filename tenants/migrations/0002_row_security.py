from django.db import migrations

from tenants.row_security import append_only, create_function, protect


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        create_function(),
        protect("tenants_tenant", "id"),
        protect("tenants_membership"),
        protect("tenants_apikey"),
        protect("tenants_intent"),
        protect("tenants_auditentry"),
        append_only("tenants_auditentry"),
    ]
