"""Hosts as an attacker would write them, and a resolver that reads numbers as the system does."""

from __future__ import annotations

import socket

PUBLIC = "93.184.215.14"
PUBLIC_NAME = "public.example"

LITERALS = """
127.0.0.1 127.0.0.2 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1
192.168.1.1 100.64.0.1 100.100.100.200 169.254.169.254 169.254.170.2 168.63.129.16 192.0.0.192 192.0.2.1 192.88.99.1
198.18.0.1 198.51.100.7 203.0.113.7 224.0.0.1 240.0.0.1 255.255.255.255
[::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:10.0.0.1] [::ffff:169.254.169.254]
[::7f00:1] [::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::a00:1] [2002:7f00:1::]
[2002:a9fe:a9fe::1] [2002:c0a8:101::1] [2001:0:7f00:1:0:0:f5ff:fffe] [2001:0:4136:e378:8000:63bf:80ff:fffe]
[2001:db8::1] [2606:4700::5efe:7f00:1] [fc00::1] [fd00::1] [fd00:ec2::254] [fe80::1] [fec0::1] [ff02::1] [3ffe::1]
""".split()  # noqa: SIM905  a list of words would fill two pages
NUMBERS = """
2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 0177.0.0.01 127.1 127.0.1 0 0x0 2852039166 0xa9fea9fe 0251.0376.0251.0376
169.254.43518 10.1 0x0a000001 012.0.0.1 3232235777 0xc0a80101 192.168.257
""".split()  # noqa: SIM905
NAMES = {
    "localhost": "127.0.0.1",
    "LOCALHOST": "127.0.0.1",
    "localhost.": "127.0.0.1",
    "shop.localhost": "127.0.0.1",
    "metadata.google.internal": "169.254.169.254",
    "metadata": "169.254.169.254",
    "instance-data.ec2.internal": "169.254.169.254",
    "kubernetes.default.svc.cluster.local": "10.96.0.1",
    "router.home.arpa": "192.168.1.1",
    "127.0.0.1.wildcard.example": "127.0.0.1",
    "a9fea9fe.wildcard.example": "169.254.169.254",
    "v6only.example": "fd00::5",
    "mapped.example": "::ffff:10.0.0.1",
    "nat64.example": "64:ff9b::7f00:1",
    "sixtofour.example": "2002:7f00:1::1",
    "xn--bcher-kva.example": "10.0.0.7",
    "bücher.example": "10.0.0.7",
}
TRICKS = """
public.example@127.0.0.1 public.example:80@127.0.0.1 127.0.0.1#@public.example 127.0.0.1?@public.example
127.0.0.1\\@public.example public.example\\@127.0.0.1 127.0.0.1%2f@public.example 127.0.0.1%00.public.example
127%2e0%2e0%2e1 127。0。0。1 ①②⑦.⓪.⓪.① [::1%25lo] [fe80::1%25eth0] 127.0.0.1.:80 0:80 :80@127.0.0.1
""".split()  # noqa: SIM905
HOSTS = [*LITERALS, *NUMBERS, *NAMES, *TRICKS]


def resolve(host: str) -> list[str]:
    """What the system's resolver would say: numbers in every spelling, names of the lists, the public name."""
    plain = host.rstrip(".").lower()
    if plain == PUBLIC_NAME or plain.endswith("." + PUBLIC_NAME):
        return [PUBLIC]
    for name, address in NAMES.items():
        if plain in (name.rstrip(".").lower(), name.encode("idna").decode().rstrip(".").lower()):
            return [address]
    try:
        return [socket.inet_ntoa(socket.inet_aton(plain))]
    except OSError:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
