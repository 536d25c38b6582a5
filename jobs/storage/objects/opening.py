"""Which store of objects the settings name."""

from jobs.settings import Settings
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import Objects


def open_objects(settings: Settings) -> Objects:
    """The folder of objects in the data folder; it is made when something is put there."""
    return Folder(settings.data / "objects")
