"""What uvicorn serves: `uvicorn api.main:app`."""

from api.app import create_app
from jobs.settings import settings_or_exit

app = create_app(settings_or_exit())
