#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""flows.py FILE KIND... - writes frames of flows of each kind, built with scapy.

Each flow has packets in both directions. After its packet, a frame has 16 bytes
that belong to no header: "flow", the number of the kind among the arguments, the
number of the flow, the direction, and 32 unused bits.
"""
import struct
import sys

from scapy.all import (GRE, IP, TCP, UDP, Dot1AD, Dot1Q, Ether, IPv6, Raw,
                       fragment, raw, wrpcap)
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS
from scapy.layers.inet6 import (IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting,
                                fragment6)
from scapy.layers.ppp import PPPoE
from scapy.layers.vxlan import VXLAN

FLOWS = 24
PACKETS = 2
MACS = ("02:00:00:00:00:0a", "02:00:00:00:00:0b")


def ends(values, back):
    return values[::-1] if back else values


def ether(back, macs=MACS):
    src, dst = ends(macs, back)
    return Ether(src=src, dst=dst)


def ports(flow, back):
    return ends((20000 + 7 * flow, 443), back)


# A few pairs of addresses: most flows differ only by their ports.
def ip4(flow, back, **more):
    src, dst = ends(("10.0.0.%d" % (1 + flow % 4), "10.9.0.1"), back)
    return IP(src=src, dst=dst, **more)


def ip6(flow, back, **more):
    src, dst = ends(("2001:db8::%d" % (1 + flow % 4), "2001:db8:9::1"), back)
    return IPv6(src=src, dst=dst, **more)


def tcp(flow, back):
    sport, dport = ports(flow, back)
    return TCP(sport=sport, dport=dport) / Raw(b"t" * 40)


def udp(flow, back, size=40):
    sport, dport = ports(flow, back)
    return UDP(sport=sport, dport=dport) / Raw(b"u" * size)


def inner4(flow, back):
    return ip4(flow, back) / tcp(flow, back)


def inner6(flow, back):
    return ip6(flow, back) / tcp(flow, back)


def inner_ether(flow, back):
    return ether(back, ("06:00:00:00:00:01", "06:00:00:00:00:02")) / inner4(flow, back)


# All flows of a tunnel have the same pair of outer addresses.
def outer4(back, **more):
    src, dst = ends(("192.0.2.1", "192.0.2.2"), back)
    return IP(src=src, dst=dst, **more)


def outer6(back, **more):
    src, dst = ends(("2001:db8:1::1", "2001:db8:1::2"), back)
    return IPv6(src=src, dst=dst, **more)


# The outer source port differs by flow, but not by direction.
def tunnel(flow, back, port):
    return UDP(sport=50000 + 2 * flow + back, dport=port)


def mpls(back):
    return MPLS(label=100 + back, s=0, ttl=9) / MPLS(label=16, s=0, ttl=9) / \
        MPLS(label=200 + back, s=1, ttl=9)


def fragments4(flow, back, ident):
    """Queries are whole, answers are not."""
    packet = ip4(flow, back, id=ident) / udp(flow, back, 1200 if back else 40)
    return fragment(packet, fragsize=400) if back else [packet]


def fragments6(flow, back, ident):
    if not back:
        return [ip6(flow, back) / udp(flow, back)]
    packet = ip6(flow, back) / IPv6ExtHdrFragment(id=ident) / udp(flow, back, 1200)
    return fragment6(packet, 500)


def tunnel_fragments(flow, back, ident):
    """The tunnel's packets are too long for the link, in one direction."""
    packet = outer4(back, id=ident) / tunnel(flow, back, 2152) / \
        GTP_U_Header(teid=5 + flow) / ip4(flow, back) / \
        udp(flow, back, 1200 if back else 40)
    packet = IP(raw(packet))
    return fragment(packet, fragsize=400) if back else [packet]


KINDS = {
    "plain4": lambda f, b, i: ip4(f, b) / tcp(f, b),
    "plain6": lambda f, b, i: ip6(f, b) / udp(f, b),
    "options4": lambda f, b, i: ip4(f, b, options=[b"\x94\x04\x00\x00"]) / udp(f, b),
    "extensions6": lambda f, b, i: ip6(f, b) / IPv6ExtHdrHopByHop() /
    IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(addresses=["2001:db8::77"]) /
    tcp(f, b),
    "vlan": lambda f, b, i: Dot1Q(vlan=10 + b) / inner4(f, b),
    "qinq": lambda f, b, i: Dot1AD(vlan=7) / Dot1Q(vlan=10 + b) / inner4(f, b),
    "mpls4": lambda f, b, i: mpls(b) / inner4(f, b),
    "mpls6": lambda f, b, i: mpls(b) / inner6(f, b),
    "pseudowire": lambda f, b, i: mpls(b) / Raw(b"\0\0\0\0" + raw(inner_ether(f, b))),
    "pseudowire-bare": lambda f, b, i: mpls(b) / Raw(raw(inner_ether(f, b))),
    # Scapy omits the first byte of the PPP protocol field.
    "pppoe": lambda f, b, i: PPPoE(sessionid=9) / Raw(b"\0\x21" + raw(inner4(f, b))),
    "gre": lambda f, b, i: outer4(b) / GRE() / inner4(f, b),
    "gre-keyed": lambda f, b, i: outer4(b) /
    GRE(chksum_present=1, key_present=1, key=b, seqnum_present=1,
        seqence_number=i) / inner6(f, b),
    "nvgre": lambda f, b, i: outer4(b) /
    GRE(key_present=1, key=77 + b, proto=0x6558) / inner_ether(f, b),
    "erspan2": lambda f, b, i: outer4(b) /
    GRE(seqnum_present=1, seqence_number=i, proto=0x88be) /
    ERSPAN_II() / inner_ether(f, b),
    "erspan3": lambda f, b, i: outer4(b) /
    GRE(seqnum_present=1, seqence_number=i, proto=0x22eb) /
    ERSPAN_III(o=1) / ERSPAN_PlatformSpecific() / inner_ether(f, b),
    "ipip": lambda f, b, i: outer4(b) / inner4(f, b),
    "6in4": lambda f, b, i: outer4(b) / inner6(f, b),
    "4in6": lambda f, b, i: outer6(b) / inner4(f, b),
    "vxlan": lambda f, b, i: outer4(b) / tunnel(f, b, 4789) /
    VXLAN(flags=8, vni=42) / inner_ether(f, b),
    "vxlan6-vlan": lambda f, b, i: outer6(b) / tunnel(f, b, 4789) /
    VXLAN(flags=8, vni=42) / ether(b) / Dot1Q(vlan=3) / inner6(f, b),
    "geneve": lambda f, b, i: outer4(b) / tunnel(f, b, 6081) /
    GENEVE(vni=42, proto=0x6558, options=b"\1\2\x80\1abcd") /
    inner_ether(f, b),
    "gtpu": lambda f, b, i: outer4(b) / tunnel(f, b, 2152) /
    GTP_U_Header(teid=1 + b) / inner4(f, b),
    "gtpu-extended": lambda f, b, i: outer4(b) / tunnel(f, b, 2152) /
    GTP_U_Header(teid=1 + b, E=1, S=1, seq=i, next_ex=0x85) /
    GTPPDUSessionContainer(type=b, QFI=9) / inner6(f, b),
    "nested": lambda f, b, i: Dot1Q(vlan=5) / outer6(b) / tunnel(f, b, 4789) /
    VXLAN(flags=8, vni=42) / ether(b) / outer4(b) / GRE() / inner4(f, b),
    "fragments4": fragments4,
    "fragments6": fragments6,
    "tunnel-fragments": tunnel_fragments,
}


def main():
    path, kinds = sys.argv[1], sys.argv[2:]
    frames = []
    ident = 1
    for number, kind in enumerate(kinds):
        for flow in range(FLOWS):
            for i in range(2 * PACKETS):
                back = i % 2
                made = KINDS[kind](flow, back, i)
                ident += 1
                if kind.endswith("fragments4") or kind.endswith("fragments6") or \
                        kind == "tunnel-fragments":
                    made = KINDS[kind](flow, back, ident)
                for packet in made if isinstance(made, list) else [made]:
                    frames.append(raw(ether(back) / packet) +
                                  struct.pack("!4sHHII", b"flow", number, flow,
                                              back, 0))
    wrpcap(path, frames, linktype=1)


main()
