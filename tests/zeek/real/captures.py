# SPDX-License-Identifier: BSD-3-Clause
"""Captures of connections that Zeek logs: DNS over UDP and HTTP over TCP."""
import itertools

from scapy.all import (DNS, DNSQR, DNSRR, IP, TCP, UDP, Dot1AD, Dot1Q, Ether,
                       Raw, wrpcap)

MACS = ("02:00:00:00:00:0a", "02:00:00:00:00:0b")


def frame(back, number, layers, tags):
    """A frame of a connection; tags are pairs (Dot1Q or Dot1AD, id)."""
    macs = MACS[::-1] if back else MACS
    ends = (f"10.0.{number // 200}.{number % 200 + 1}", "192.168.7.1")
    ends = ends[::-1] if back else ends
    packet = Ether(src=macs[0], dst=macs[1])
    for tag, vlan in tags:
        packet /= tag(vlan=vlan)
    return packet / IP(src=ends[0], dst=ends[1]) / layers


def dns(number, tags=()):
    name = f"host-{number}.example"
    port = 20000 + number
    query = DNS(id=number, rd=1, qd=DNSQR(qname=name))
    answer = DNS(id=number, qr=1, rd=1, ra=1, qd=DNSQR(qname=name),
                 an=DNSRR(rrname=name, rdata="192.0.2.9", ttl=60))
    return [frame(False, number, UDP(sport=port, dport=53) / query, tags),
            frame(True, number, UDP(sport=53, dport=port) / answer, tags)]


def http(number, tags=(), wrong=False):
    """A complete TCP connection; wrong: packets with data have an invalid
    checksum."""
    port = 30000 + number
    request = f"GET /{number} HTTP/1.1\r\nHost: test.example\r\n\r\n".encode()
    body = b"x" * (10 + number)
    answer = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
              + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    here, there = 1000 + number, 5000 + number
    steps = [
        (False, "S", here, 0, b""),
        (True, "SA", there, here + 1, b""),
        (False, "A", here + 1, there + 1, b""),
        (False, "PA", here + 1, there + 1, request),
        (True, "PA", there + 1, here + 1 + len(request), answer),
        (False, "FA", here + 1 + len(request), there + 1 + len(answer), b""),
        (True, "FA", there + 1 + len(answer), here + 2 + len(request), b""),
        (False, "A", here + 2 + len(request), there + 2 + len(answer), b""),
    ]
    frames = []
    for back, flags, seq, ack, data in steps:
        ports = (80, port) if back else (port, 80)
        tcp = TCP(sport=ports[0], dport=ports[1], flags=flags, seq=seq,
                  ack=ack)
        if wrong and data:
            tcp.chksum = 0xbad
        frames.append(frame(back, number, tcp / Raw(data) if data else tcp,
                            tags))
    return frames


def mixed(connections):
    """The frames of all connections, interleaved."""
    return [f for group in itertools.zip_longest(*connections)
            for f in group if f]


def write(path, frames):
    for i, f in enumerate(frames):
        f.time = 1700000000 + i / 1000
    wrpcap(str(path), frames, linktype=1)
    return len(frames)


def plain(path, n=20):
    return write(path, mixed([dns(i) for i in range(n)]
                             + [http(i) for i in range(n)]))


def tagged(path):
    """Frames with no tag, one tag and two tags."""
    kinds = [(), ((Dot1Q, 17),), ((Dot1AD, 200), (Dot1Q, 18)),
             ((Dot1Q, 19), (Dot1Q, 20)), ((Dot1Q, 4094),)]
    return write(path, mixed(make(5 * i + j, tags)
                             for i in range(3) for make in (dns, http)
                             for j, tags in enumerate(kinds)))


def wrong_checksums(path, n=5):
    return write(path, mixed(http(i, wrong=True) for i in range(n)))
