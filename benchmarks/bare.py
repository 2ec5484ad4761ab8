"""The yardstick: a Flask view that takes a body and answers, on the server and with the threads of the real door."""

import sys

from flask import Flask, Response, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from shopify_imagegen.processes import WEB_THREADS

app = Flask(__name__, static_folder=None)


@app.post("/webhooks")
def take():
    request.get_data(cache=False)
    return Response("accepted\n", mimetype="text/plain")


if __name__ == "__main__":
    Granian(
        "benchmarks.bare:app",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=WEB_THREADS,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()
