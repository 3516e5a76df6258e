"""Calling a webhook: one signed POST, no redirects, no proxies, and nothing of the answer but its status."""

import httpx

from models_app.notifications.addresses import Refused, check_url, host_of, resolve
from models_app.notifications.failures import in_words

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class NotDelivered(Exception):
    """It did not arrive; the message says why."""


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Raises NotDelivered where anything but a 2xx comes back."""
    try:
        status = _status(check_url(url), body, headers)
    except Refused as error:
        raise NotDelivered(str(error)) from None
    except httpx.HTTPError as error:
        raise NotDelivered(in_words(error, httpx.URL(url).host)) from None
    if 300 <= status < 400:
        raise NotDelivered(f"it answered {status}; redirects are not followed")
    if not 200 <= status < 300:
        raise NotDelivered(f"it answered {status}, expected 200 to 299")


def _status(url: httpx.URL, body: bytes, headers: dict[str, str]) -> int:
    """Send to the very address that was checked, and return the status; the certificate must still be the name's."""
    sent = {"content-type": "application/json", "user-agent": "MUSE webhooks", "host": url.netloc.decode(), **headers}
    with httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
        request = client.build_request(
            "POST",
            url.copy_with(host=resolve(url)),
            content=body,
            headers=sent,
            extensions={"sni_hostname": host_of(url)},
        )
        answer = client.send(request, stream=True)
        answer.close()  # whatever else it says is of no interest
        return answer.status_code
