"""The running product sends traces of all its processes to a collector, where a setting names one."""

from collections.abc import Iterator

import httpx
import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tests.collector import Collector, Received, collecting
from tests.documents import EVENT
from tests.factories import serve
from tests.live.conftest import ENV

pytestmark = pytest.mark.live

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "x-request-id": "mine"}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """What the product is started with."""
    with collecting() as found:
        monkeypatch.setitem(ENV, "MUSE_OTEL_ENDPOINT", found.endpoint)
        yield found


def test_product__that_traces__tells_of_scores_pages_and_tasks(collector: Collector, product: Product) -> None:
    def found(service: str, name: str) -> list[Received]:
        return [each for each in collector.spans if (each.service, each.name) == (service, name)]

    world = serve()
    content = {"intent": "card-payments", "features": EVENT}

    def scored() -> bool:
        headers = HEADERS | world.authorization
        return httpx.post(f"{product.scoring}/api/v1/score", json=content, headers=headers).status_code == 200

    wait(scored, "a score", 30.0)
    answer = httpx.get(f"{product.console}/api/v1/me", headers=HEADERS)
    assert (answer.status_code, answer.headers["x-request-id"]) == (401, "mine")
    wait(lambda: bool(found("muse-scoring", "POST /api/v1/score")), "the scores' spans", 30.0)
    wait(lambda: bool(found("muse-console", "GET /api/v1/me")), "the page's span", 30.0)
    (page,) = found("muse-console", "GET /api/v1/me")
    assert (page.trace, page.attributes["muse.request_id"]) == (TRACE, "mine")
    assert found("muse-scoring", "POST /api/v1/score")[-1].trace == TRACE
    done = "process models_app.tasks.deliver_due"
    wait(lambda: bool(found("muse-worker", done)), "a task's span", 60.0)
    wait(lambda: bool(found("muse-beat", "publish models_app.tasks.deliver_due")), "its sender's span", 30.0)
    task = found("muse-worker", done)[0]
    sent = {each.id: each for each in found("muse-beat", "publish models_app.tasks.deliver_due")}
    assert sent[task.parent].trace == task.trace
