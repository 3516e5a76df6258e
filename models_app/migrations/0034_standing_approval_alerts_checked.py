"""Of standing approvals that were there before, too, alerts a day are a number: read without a lock on the table."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0033_standing_approval_alerts'),
    ]

    operations = [
        ValidateConstraint(model_name='standingapproval', name='standing_approval_alerts_are_a_number'),
    ]
