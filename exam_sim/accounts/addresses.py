"""Whose network a request comes from, for limits that are counted by address."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

SITE_BITS = 64
"""What one household or office is given of IPv6: whoever holds one address of it holds all of them."""


def network_of(request: HttpRequest) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 address.

    Behind `TRUSTED_PROXIES` proxies, each of which adds its own client at the end of X-Forwarded-For, the
    entry that the outermost of them wrote counts: that many from the right. What stands further left was sent
    by the client and proves nothing. Without a proxy, or with a header that is shorter or holds no plain
    address there, the peer counts: everybody shares one limit then, which slows but lets nobody around it.
    """
    return _network(_forwarded(request)) or _network(request.META.get("REMOTE_ADDR", "")) or "unknown"


def _forwarded(request: HttpRequest) -> str:
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    return hops[-proxies].strip() if 0 < proxies <= len(hops) else ""


def _network(text: str) -> str:
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), SITE_BITS), strict=False))
