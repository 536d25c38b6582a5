"""Job documents that are resolved by what every server knows."""

import json
from dataclasses import replace
from typing import Any

from jobs.datasets.catalogue import Dataset
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import Listed, in_catalogue
from jobs.spec.resolved import Resolved


def resolved(*uploaded: Dataset, **document: Any) -> Resolved:
    """The document with its defaults, as a server would keep it that has these datasets, else those of every server."""
    settings = Settings()
    known = Listed(settings, {each.name: each for each in uploaded}) if uploaded else in_catalogue(settings)
    return check(json.dumps(document), known)


def otherwise(before: Resolved, part: str, **fields: Any) -> Resolved:
    """The same document but for some fields of a part, such as `training`; nobody checks it again."""
    return replace(before, document={**before.document, part: {**before.document[part], **fields}})
