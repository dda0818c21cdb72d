"""Where a request comes from, by what we know ourselves: the peer, or what our own proxies say."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "::"
FORWARDING_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, UNKNOWN when the server was reached through a socket without one."""
    return address_by(request.META.get("HTTP_X_FORWARDED_FOR", ""), request.META.get("REMOTE_ADDR", ""))


def address_by(forwarded_for: str, peer: str) -> str:
    """Return the address of who is behind the peer of a connection.

    X-Forwarded-For is anybody's to write. Each proxy appends the peer it saw, so with CRM_PROXY_HOPS proxies of
    our own the last so many entries are theirs, and the first of these is the client.
    """
    hops: int = settings.CRM_PROXY_HOPS
    forwarded = [entry.strip() for entry in forwarded_for.split(",")]
    known = _parsed(forwarded[-hops]) if hops and len(forwarded) >= hops else ""
    return known or _parsed(peer) or UNKNOWN


def network(address: str) -> str:
    """Return what one person commands: an IPv4 address, or the whole /64 of an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def is_loopback(address: str) -> bool:
    """Tell whether the host name or IP address leads to this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(_parsed(address.strip("[]"))).is_loopback
    except ValueError:
        return False


def is_from_this_machine(request: HttpRequest | None) -> bool:
    """Tell whether the request was made on this machine; one that a proxy passed on was not."""
    if request is None or any(header in request.META for header in FORWARDING_HEADERS):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", ""))


def _parsed(text: str) -> str:
    """Return the address in its one form, "" if it is none; an IPv4 address may come dressed as IPv6."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
