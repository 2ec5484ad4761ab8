"""A process with everything imported, that forks real workers in a moment: a start takes milliseconds, not seconds.

It speaks JSON lines: what to start, or which of its children to ask after.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Nursery:
    """The test's side. Serves one thread."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.crash.nursery"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def start(self, log, env, **mortal):
        """A worker. *mortal*: see `mortal.live`."""
        return Child(self, self.ask({"log": str(log), "env": env, "mortal": mortal}))

    def ask(self, wish):
        self._process.stdin.write(json.dumps(wish) + "\n")
        answer = self._process.stdout.readline()
        assert answer, "the nursery has died"
        return json.loads(answer)

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Child:
    """A worker process that the nursery has forked."""

    def __init__(self, nursery, pid):
        self._nursery, self.pid, self._code = nursery, pid, None

    def poll(self):
        """Its exit code, or minus the signal that ended it; None while it lives."""
        if self._code is None:
            self._code = self._nursery.ask({"pid": self.pid})
        return self._code

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)


def main():
    from shopify_imagegen import logs  # noqa: F401
    from tests.crash import mortal

    children = set()
    for line in sys.stdin:
        wish = json.loads(line)
        if "pid" in wish:
            answer = ended(wish["pid"])
            children -= {wish["pid"]} if answer is not None else set()
        else:
            children.add(answer := born(mortal, wish))
        print(json.dumps(answer), flush=True)
    for child in children:  # the test has gone, perhaps interrupted: nobody would ever end these
        os.kill(child, signal.SIGKILL)


def ended(pid):
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def born(mortal, wish):
    pid = os.fork()
    if pid:
        return pid
    try:
        work(mortal, wish)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def work(mortal, wish):
    """The command line's own `worker`, in this process."""
    log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(wish["env"])
    wanted = wish["mortal"]
    mortal.hurry()
    if wanted:
        then = signal.Signals[wanted.get("then", "SIGKILL")]
        mortal.live(Path(wanted["diary"]), until=wanted.get("until", ""), then=then)
    sys.argv[1:] = ["worker"]
    mortal.cli.main()


if __name__ == "__main__":
    main()
