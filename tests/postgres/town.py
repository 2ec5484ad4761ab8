"""A larger installation: PostgreSQL, several web and worker processes, and a balancer before the webs."""

import contextlib
import itertools
import signal
import socket
import subprocess
import sys
import threading

import psycopg
from psycopg.rows import dict_row

from tests.end_to_end.house import ROOT, House, free_port, numbers, wait_for

ENGINE = "set search_path to public, dbos"  # the engine has a schema of its own
START_S = 60
BALANCER_POLL_S = 0.05
COPY_BYTES = 65_536


class Town(House):
    """A House whose processes are known as worker-0, worker-1, web-0, …"""

    def __init__(self, sandbox, folder, url, **env):
        super().__init__(sandbox, folder, IMAGEGEN__DATABASE__URL=url, **env)
        self.database_url = url
        self.balancer = Balancer(self.port)

    def open(self, *, webs=2, workers=3):
        """Start them side by side; returns when all work."""
        for number in range(webs):
            self.start_web(number)
        for number in range(workers):
            self.start_worker(number)
        wait_for(self.is_listening, START_S, self.log)
        wait_for(lambda: self.log().count("worker started") >= workers, START_S, self.log)

    def start_web(self, number):
        port = free_port()
        self.balancer.backends[number] = port
        return self._spawn(f"web-{number}", "web", "--port", str(port))

    def start_worker(self, number):
        return self._spawn(f"worker-{number}", "worker")

    def _spawn(self, name, *arguments):
        log = self.folder / f"{name}-{next(numbers)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "shopify_imagegen", *arguments],
                env=self.environment(),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stderr=file,
                stdout=file,
                start_new_session=True,
            )
        process.log = str(log)
        self.processes[name] = process
        return process

    def rows(self, query, *parameters, file=None):
        """Rows of the database, as dicts."""
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            connection.execute(ENGINE)
            return connection.execute(query.replace("?", "%s"), parameters or None).fetchall()

    def _unrest(self):
        """What will be looked at tomorrow, because there is no money today, is at rest."""
        soon = "select product_id, due_at from watched_products where due_at < now() + interval '10 minutes'"
        return super()._unrest() | {"due": self.rows(soon)}

    def close(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)  # to all at once, before each is waited for
        super().close()
        self.balancer.close()


class Sampler:
    """Looks at the database again and again, and remembers the most that it saw of everything."""

    def __init__(self, town, *, every_s=0.25):
        self._town, self._every_s = town, every_s
        self.committed = {}  #: (scope, period) -> the most money that was committed at any look, micro-dollars
        self.connections = 0  #: the most at any look
        self.looks = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        with psycopg.connect(self._town.database_url, autocommit=True) as connection:
            while not self._stop.wait(self._every_s):
                for scope, period, committed in connection.execute("select * from budgets"):
                    self.committed[scope, period] = max(committed, self.committed.get((scope, period), 0))
                count = "select count(*) from pg_stat_activity where application_name = 'shopify-imagegen'"
                self.connections = max(self.connections, connection.execute(count).fetchone()[0])
                self.looks += 1


class Balancer:
    """Hands each connection to the next backend that takes it."""

    def __init__(self, port):
        self.backends = {}  #: number -> port
        self._turns = itertools.count()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._listener.settimeout(BALANCER_POLL_S)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="balancer")
        self._thread.start()

    def close(self):
        self._closed = True
        self._thread.join()
        self._listener.close()

    def _serve(self):
        while not self._closed:
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                client.settimeout(None)
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        ports, turn = list(self.backends.values()), next(self._turns)
        with client:
            for number in range(len(ports)):
                port = ports[(turn + number) % len(ports)]
                with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)) as web:
                    return _join(client, web)


def _join(client, web):
    """Copy both ways until both sides have said all."""
    back = threading.Thread(target=_copy, args=(web, client), daemon=True)
    back.start()
    _copy(client, web)
    back.join()


def _copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(COPY_BYTES):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
