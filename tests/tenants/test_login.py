import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_login__without_a_page_to_go_on_to__leads_to_the_console(client: Client) -> None:
    person = make_person()
    person.set_password("correct horse battery")
    person.save()
    answer = client.post(reverse("admin:login"), {"username": person.email, "password": "correct horse battery"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("console:home")
