"""What uvicorn serves: `uvicorn api.main:app`."""

from api.app import create_app
from jobs.settings import Settings

app = create_app(Settings())
