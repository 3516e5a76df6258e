"""A release document from a file, proposed as it stands."""

from django import forms
from django.conf import settings

from models_app.changes.importing import import_change
from models_app.console.ui.actions import ActionForm
from models_app.console.ui.page import TenantPage
from models_app.inputs import uploads
from models_app.inputs.errors import invalid
from tenants.roles import Permission


class ImportChange(ActionForm[TenantPage]):
    name, label, title, needs = "import", "Import", "Import a change request", Permission.PROPOSE
    in_dialog = True
    hint = "The file is a release document in YAML, as exported or edited. All that it names must exist here."
    success = "Change request created. Its evidence is being computed."
    document = forms.FileField(label="File")
    called = forms.CharField(label="Title", max_length=200)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def perform(self) -> str:
        page, data = self.page, self.cleaned_data
        change = import_change(
            actor=page.person, tenant=page.tenant, title=data["called"], reason=data["reason"], document=self._text()
        )
        return page.at("change", change=change.number)

    def _text(self) -> str:
        upload = self.cleaned_data["document"]
        uploads.measure(upload, field="document", max_bytes=settings.ENV["MUSE_REQUEST_MAX_BYTES"])
        try:
            return str(upload.read(), "utf-8")
        except UnicodeDecodeError:
            raise invalid("document", "expected text in UTF-8, found something else") from None
