"""How Gunicorn serves the site; it finds this file by its name.

``PORT`` and ``WEB_CONCURRENCY``, the number of workers, are Gunicorn's own variables. See
https://docs.gunicorn.org/en/stable/settings.html
"""

import os
from pathlib import Path

import gunicorn

wsgi_app = "app:create_app()"

# Loaded once, before the workers: they share its memory, and a setting that is wrong ends the
# start at once. New code needs a new start.
preload_app = True

# Gunicorn's own lines are written as those of the application are.
logconfig_dict = {
    "root": {"handlers": []},
    "loggers": {"gunicorn.error": {"level": "INFO", "propagate": True}},
}

# A worker for each core, and one more for the moments when one of them waits; threads for those
# that wait for the database. A client that sends or reads slowly occupies a thread for as long as
# the reverse proxy allows: the README says what that has to limit. Gunicorn has no such limit.
workers = int(os.environ.get("WEB_CONCURRENCY") or (os.cpu_count() or 1) + 1)
threads = 4

# In seconds: a worker that hangs is ended, and one that is asked to stop finishes its requests.
timeout = 30
graceful_timeout = 30

# In bytes: a list that is filtered by many fields has a long address.
limit_request_line = 8190

# A worker that leaks memory ends some day, and not at the same time as the others.
max_requests = 10_000
max_requests_jitter = 1_000

# Workers tell that they are alive by a file; on a disk that is busy, they would seem not to be.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# It would be a file in the home directory, which a container's user has not.
control_socket_disable = True

# Headers of a proxy are read by the application, if PROXIES is set. Gunicorn would take the path
# and the scheme from headers that local proxies pass on from the client.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# Nobody has to know what answers.
gunicorn.SERVER = ""
