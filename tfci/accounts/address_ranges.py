"""The network that an address of a client belongs to: what one customer of a provider usually has."""

from ipaddress import IPv6Address, ip_address, ip_network


def network(address: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; the text itself where it is no address.

    >>> network("192.0.2.77"), network("2001:db8:1:2::3"), network("::ffff:192.0.2.1")
    ('192.0.2.0/24', '2001:db8:1::/48', '192.0.2.0/24')
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    return str(ip_network((known, 24 if known.version == 4 else 48), strict=False))
