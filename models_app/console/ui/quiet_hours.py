"""Quiet hours as fields of a form: from when to when, and by which clock."""

from collections.abc import Mapping
from typing import Any

from django import forms

from tenants import quiet_hours

PASSING = "Possible attacks, and what scoring fails at, come at once all the same."


def _time(label: str, **words: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **words
    )


class QuietHoursFields(forms.Form):
    """Without times there are none."""

    quiet_begin = _time("Quiet from")
    quiet_end = _time("Quiet until", help_text=f"What comes in these hours is sent at their end. {PASSING}")
    quiet_zone = forms.ChoiceField(label="Time zone", required=False)

    def text(self) -> str:
        """As models keep them, of fields that are checked."""
        data = self.cleaned_data
        if data["quiet_begin"] is None and data["quiet_end"] is None:
            return ""
        begin, end = (f"{each:%H:%M}" if each else "" for each in (data["quiet_begin"], data["quiet_end"]))
        return f"{begin}-{end} {data['quiet_zone']}"


def zones() -> list[tuple[str, str]]:
    return [(each, each.replace("_", " ")) for each in sorted(quiet_hours.zones())]


def initial(text: str) -> Mapping[str, Any]:
    """What the fields begin with."""
    quiet = quiet_hours.read(text)
    if quiet is None:
        return {"quiet_zone": "UTC"}
    return {"quiet_begin": quiet.begin, "quiet_end": quiet.end, "quiet_zone": quiet.zone}
