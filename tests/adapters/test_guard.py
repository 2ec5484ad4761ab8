"""Nobody makes us call a machine behind our own wall: addresses are checked after the name was looked up."""

import socket
import threading

import httpcore
import httpx
import pytest

from shopify_imagegen.adapters.guard import Guard, allowed, guarded_client, guarded_transport
from shopify_imagegen.adapters.outside import Outside
from shopify_imagegen.errors import NotSent, Rejected

PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address):
    """A cloud's metadata service, a database, a router: all of them trust who is near."""
    assert not allowed(address, loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_allowed(address):
    """Or no picture would ever come."""
    assert allowed(address, loopback=False)


def test_this_machine_is_allowed_where_the_sandbox_lives_here_and_nothing_else():
    """The settings say it, not the address that somebody sends."""
    assert allowed("127.0.0.1", loopback=True)
    assert [] == [each for each in PRIVATE if each not in ("127.0.0.1", "::1") and allowed(each, loopback=True)]


class Wire(httpcore.NetworkBackend):
    """Remembers who was dialled; nobody answers."""

    def __init__(self):
        self.dialled = []

    def connect_tcp(self, host, port, *args, **kwargs):
        self.dialled.append((host, port))
        raise httpcore.ConnectError("nobody is there")


def client(wire, *answers, loopback=False):
    """Looks names up in *answers*, one look after the other."""
    waiting = list(answers)
    guard = Guard(loopback=loopback, look_up=lambda host, port: waiting.pop(0), wire=wire)
    return httpx.Client(transport=guarded_transport(guard))


def test_the_checked_address_is_the_one_that_is_dialled():
    """A second look-up could give another answer: DNS rebinding."""
    wire = Wire()
    with client(wire, ["8.8.8.8"], ["10.0.0.1"]) as web, pytest.raises(httpx.ConnectError):
        web.get("https://cdn.example/a.jpg")

    assert [("8.8.8.8", 443)] == wire.dialled


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    """Whoever answers so wants us to try them all."""
    wire = Wire()
    with client(wire, ["8.8.8.8", "10.0.0.1"]) as web, pytest.raises(Rejected, match=r"10\.0\.0\.1"):
        web.get("https://cdn.example/a.jpg")

    assert [] == wire.dialled


def test_a_number_in_the_address_is_checked_too():
    """No name needs to be looked up for it."""
    with guarded_client(loopback=False, timeout_s=2) as web, pytest.raises(Rejected):
        web.get("https://169.254.169.254/latest/meta-data/")


def test_a_decimal_or_short_number_is_the_address_that_it_means():
    """`https://2130706433/` and `https://127.1/` are this machine."""
    for host in ("2130706433", "127.1", "0x7f000001"):
        with guarded_client(loopback=False, timeout_s=2) as web, pytest.raises(Rejected, match=r"127\.0\.0\.1"):
            web.get(f"https://{host}/")


def test_a_name_that_nobody_knows_was_never_sent():
    """It may be known tomorrow."""

    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    guard = Guard(loopback=False, look_up=unknown, wire=Wire())
    with httpx.Client(transport=guarded_transport(guard)) as web, pytest.raises(NotSent):
        Outside(web).look("https://nowhere.example/")


def test_the_sandbox_on_this_machine_is_reached_through_the_guard():
    """The same client, over a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer, args=(server,), daemon=True).start()
        with guarded_client(loopback=True, timeout_s=5) as web:
            seen = Outside(web).look(f"http://127.0.0.1:{server.getsockname()[1]}/healthz")

    assert (200, "ok\n", 2026) == (seen.status, seen.text, seen.date.year)


def _answer(server):
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        head = "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Length: 3\r\n\r\n"
        connection.sendall(f"{head}ok\n".encode())
