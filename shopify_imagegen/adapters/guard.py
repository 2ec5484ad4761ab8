"""Dial only public addresses: a name is looked up once, every address is checked, and a checked one is connected to.

A check before the request would be worth little: the name may lead elsewhere when the connection is made.
"""

from __future__ import annotations

import ipaddress
import socket
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx

from shopify_imagegen.adapters.http import WHO_ASKS
from shopify_imagegen.errors import Rejected

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[[str, int], Iterable[str]]
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address is in its last 32 bits


def guarded_client(*, loopback: bool, timeout_s: float) -> httpx.Client:
    """An httpx client that reaches public addresses only.

    Where the environment names a proxy, the proxy looks names up and decides; then this guard is not there.

    Args:
        loopback: whether this machine may be reached too: the sandbox.
    """
    if urllib.request.getproxies().keys() & {"https", "http", "all"}:
        return httpx.Client(timeout=timeout_s, headers=WHO_ASKS)
    transport = guarded_transport(Guard(loopback=loopback))
    return httpx.Client(timeout=timeout_s, headers=WHO_ASKS, transport=transport, trust_env=False)


def guarded_transport(guard: Guard) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(trust_env=False)
    transport._pool = httpcore.ConnectionPool(  # httpx 0.28 hands no network backend through (seen 2026-11-22)
        ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=guard, max_connections=20
    )
    return transport


def addresses(host: str, port: int) -> list[str]:
    """What the system says of *host*; a number is its own address."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Guard(httpcore.NetworkBackend):
    """Opens connections for httpcore.

    Args:
        loopback: whether this machine may be reached too.
    """

    def __init__(
        self, *, loopback: bool, look_up: LookUp = addresses, wire: httpcore.NetworkBackend | None = None
    ) -> None:
        self._loopback = loopback
        self._look_up = look_up
        self._wire = wire or httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        """A connection to the first address that answers. The certificate is still checked against the name.

        Raises:
            Rejected: one of the addresses is not public.
        """
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._checked(host, port):
            try:
                return self._wire.connect_tcp(address, port, *args, **kwargs)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    def sleep(self, seconds: float) -> None:
        self._wire.sleep(seconds)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._look_up(host, port))
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known: {error}") from error
        for address in found:
            if not allowed(address, loopback=self._loopback):
                raise Rejected(f"{host} leads to {address}, which is not a public address")
        return found


def allowed(address: str, *, loopback: bool) -> bool:
    """Whether we may connect there.

    >>> [allowed(each, loopback=False) for each in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    try:
        given = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if loopback and given.is_loopback:
        return True
    return all(each.is_global and not each.is_multicast for each in (given, *_inside(given)))


def _inside(address: Address) -> list[Address]:
    """IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    teredo = address.teredo[1] if address.teredo else None
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
    return [each for each in (address.ipv4_mapped, address.sixtofour, teredo, nat64) if each is not None]
