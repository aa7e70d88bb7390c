"""Who a request is counted for, whatever its headers say."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from exam_sim.accounts.addresses import network_of

PEER = "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, None, PEER),
        (0, "198.51.100.7", PEER),
        (1, None, PEER),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9,  198.51.100.7", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "198.51.100.7", PEER),
        (1, "203.0.113.9, unknown", PEER),
        (1, "198.51.100.7:4711", PEER),
        (1, "198.51.100.007", PEER),
        (1, "", PEER),
        (1, ",", PEER),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "[2001:db8::1]", PEER),
        (1, "' OR 1=1", PEER),
    ],
)
def test_the_hop_that_our_own_proxy_wrote_counts(
    rf: RequestFactory, settings: Settings, proxies: int, forwarded: str | None, network: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert network_of(rf.get("/", headers=headers, REMOTE_ADDR=PEER)) == network


def test_without_any_address_all_share_one_limit(rf: RequestFactory) -> None:
    assert network_of(rf.get("/", REMOTE_ADDR="")) == "unknown"
