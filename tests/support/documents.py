"""Job documents that are resolved by what every server knows."""

import json
from dataclasses import replace
from typing import Any

from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved


def resolved(**document: Any) -> Resolved:
    """The document with its defaults, as a server would keep it."""
    return check(json.dumps(document), in_catalogue(Settings()))


def otherwise(before: Resolved, part: str, **fields: Any) -> Resolved:
    """The same document but for some fields of a part, such as `training`; nobody checks it again."""
    return replace(before, document={**before.document, part: {**before.document[part], **fields}})
