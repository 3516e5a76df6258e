"""Sending a history: what is there already is found out from the product, and not sent again."""

from datetime import date
from typing import Any

import pytest

from muse_site.demo.history import History
from muse_site.demo.profiles import PROFILES
from muse_site.demo.simulator import Simulator


class Product:
    """Stands for both services: keeps what it is sent."""

    def __init__(self) -> None:
        self.events: dict[str, int] = {}
        self.labels: set[str] = set()
        self.looked = 0

    def find(self, path: str, **query: Any) -> Any:
        self.looked += 1
        return {} if path.rsplit("/", 1)[1] in self.events else None

    def score_batch(self, intent: str, events: list[Any]) -> None:
        for event in events:
            self.events[event["event_id"]] = self.events.get(event["event_id"], 0) + 1

    def label(self, labels: list[Any]) -> None:
        self.labels.update(label["event_id"] for label in labels)


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def history(product: Product) -> History:
    return History(product, product, Simulator(PROFILES[0], date(2026, 9, 21)))


def test_history__interrupted_and_sent_again__has_each_payment_once(product: Product, history: History) -> None:
    history.send(0, 4, range(0), lambda count: None)
    history.send(0, 10, range(0), lambda count: None)
    assert set(product.events.values()) == {1}
    assert len(product.events) == sum(len(Simulator(PROFILES[0], date(2026, 9, 21)).day(day)) for day in range(10))


def test_history__of_an_odd_number_of_days__ends_with_the_last_of_them(product: Product, history: History) -> None:
    history.send(0, 3, range(0), lambda count: None)
    history.send(3, 4, range(0), lambda count: None)
    assert set(product.events.values()) == {1}
    assert len(product.events) == sum(len(Simulator(PROFILES[0], date(2026, 9, 21)).day(day)) for day in range(4))


def test_history__that_is_there__is_not_sent(product: Product, history: History) -> None:
    history.send(0, 32, range(0), lambda count: None)
    looked = product.looked
    assert history.send(0, 32, range(0), lambda count: None) == 0
    assert product.looked - looked <= 5


def test_labels__of_days_that_are_labelled__are_sent_and_no_others(product: Product, history: History) -> None:
    history.send(0, 6, range(1, 3), lambda count: None)
    simulator = Simulator(PROFILES[0], date(2026, 9, 21))
    assert product.labels == {*simulator.day(1).event_ids, *simulator.day(2).event_ids}


def test_labels__lost_between_a_piece_and_its_labels__are_sent_again(product: Product, history: History) -> None:
    history.send(0, 4, range(4), lambda count: None)
    product.labels.clear()
    history.send(0, 4, range(4), lambda count: None)
    simulator = Simulator(PROFILES[0], date(2026, 9, 21))
    assert product.labels == {*simulator.day(2).event_ids, *simulator.day(3).event_ids}
