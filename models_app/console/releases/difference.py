"""What changes from one release document to the next, in words that tell what transforms were made of."""

from collections.abc import Iterable

from models_app.releases.words import in_words, origin_in_words
from models_app.transforms.selectors import sources
from scoring.engine import document as documents
from scoring.engine.document import ReleaseDocument
from tenants.models import Tenant


def difference_in_words(tenant: Tenant, before: ReleaseDocument | None, after: ReleaseDocument) -> list[str]:
    """What changes from one document to the next, with what their transforms were made of."""
    return in_words(before, after, origins(tenant, filter(None, (before, after))))


def origins(tenant: Tenant, each_of: Iterable[ReleaseDocument]) -> dict[int, str]:
    """What the transforms of these documents were made of, by their ids."""
    transforms = {int(number) for each in each_of for number in each.transforms}
    return {number: origin_in_words(source) for number, source in sources(tenant, transforms).items()}


def decoded(text: str | None) -> ReleaseDocument | None:
    return documents.decode(text) if text else None
