"""The page of the review policy: its button says whether it holds at once, or is proposed to a second admin."""

import pytest
from django.test import Client

from tenants.roles import Role
from tests.factories import make_change, make_person, make_tenant, serve


@pytest.mark.django_db
def test_policy_page__button__proposes_once_change_requests_go_by_the_policy() -> None:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    make_tenant("fresh")
    make_change(serve("acme"))
    shown = {slug: client.get(f"/tenants/{slug}/policy").content.decode() for slug in ("fresh", "acme")}
    assert ("Propose change</button>" in shown["fresh"], "Propose change</button>" in shown["acme"]) == (False, True)
