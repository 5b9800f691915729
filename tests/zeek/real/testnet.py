# SPDX-License-Identifier: BSD-3-Clause
"""A veth pair, Zeeks that watch one end of it, and what they log."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

A, B = "test-a", "test-b"
LONG = 30.0  # seconds, on a busy machine

# What a test waits for: how many packets this Zeek has seen.
BEAT = """
event test_beat()
	{
	print fmt("received %d", get_net_stats()$pkts_recvd);
	flush_all();
	schedule 20msec { test_beat() };
	}

event zeek_init()
	{
	event test_beat();
	}
"""

# Not equal in two runs: times, and what is made of them.
CHANGING = {"ts", "uid", "duration", "rtt", "ts_delta", "peer", "node", "fuid",
            "resp_fuids", "orig_fuids", "uids"}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=120, **options).stdout


def ip(words):
    return run("ip", *words.split())


def add_links():
    ip(f"link add {A} type veth peer name {B}")
    for end in (A, B):
        # No frame but those of the test.
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6").write_text(
            "1", encoding="ascii")
        ip(f"link set {end} up")


def wait_for(what, condition, seconds=LONG):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what()}"
                                 if callable(what) else
                                 f"waited {seconds} s for {what}")
        time.sleep(0.02)


def replay(capture, interface=A, rate="5kpps"):
    run("pktio", "copy", "-q", "-o", f"rate={rate}", str(capture),
        f"af_packet:{interface}")


def has_built_in():
    return "built-in" in subprocess.run(
        ["zeek", "-N", "Zeek::AF_Packet"], check=False, capture_output=True,
        text=True, env={**os.environ, "ZEEK_PLUGIN_PATH": "/none"}).stdout


def bare(*scripts):
    """Arguments for few scripts; then the plugins have to be named."""
    plugins = ["Pktio::PktSrc"] + ([] if has_built_in()
                                   else ["Zeek::AF_Packet"])
    return ("-b", *plugins, *scripts)


def read_log(path):
    """The lines of a log, each a dict by field."""
    lines, fields = [], []
    if not path.exists():
        return lines
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("\t")
        if words[0] == "#fields":
            fields = words[1:]
        elif not line.startswith("#"):
            lines.append(dict(zip(fields, words)))
    return lines


def same_part(lines):
    """What of a log is the same whenever and by whomever it was written."""
    return sorted(tuple(sorted((k, v) for k, v in line.items()
                               if k not in CHANGING)) for line in lines)


class Zeek:
    """One that runs until stop(), or that ends by itself: wait()."""

    def __init__(self, directory, *arguments, beat=True):
        self.dir = directory
        self.dir.mkdir(parents=True, exist_ok=True)
        command = ["zeek", *arguments]
        if beat:
            (self.dir / "beat.zeek").write_text(BEAT, encoding="ascii")
            command.append("beat.zeek")
        with open(self.dir / "out", "wb") as out, \
                open(self.dir / "err", "wb") as err:
            self.process = subprocess.Popen(command, cwd=self.dir, stdout=out,
                                            stderr=err,
                                            stdin=subprocess.DEVNULL)

    def said(self):
        return (self.dir / "err").read_text(encoding="utf-8")

    def printed(self):
        return (self.dir / "out").read_text(encoding="utf-8")

    def warned(self, text):
        return text in (self.said()
                        + "".join(line["message"]
                                  for line in self.log("reporter")))

    def received(self):
        """-1 as long as it has not begun."""
        lines = self.printed().splitlines()
        counts = [line for line in lines if line.startswith("received ")]
        return int(counts[-1].split()[1]) if counts else -1

    def alive(self):
        return self.process.poll() is None

    def begun(self):
        wait_for(lambda: f"Zeek: {self.said()}",
                 lambda: not self.alive() or self.received() >= 0)
        if not self.alive():
            raise AssertionError(f"Zeek ended: {self.said()}")
        return self

    def expect(self, packets):
        wait_for(lambda: f"{packets} packets, has {self.received()}; "
                         + self.said(), lambda: self.received() >= packets)
        return self

    def wait(self):
        """Its exit status."""
        return self.process.wait(LONG)

    def stop(self):
        if self.alive():
            self.process.terminate()
        self.wait()
        return self

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def log(self, name):
        return read_log(self.dir / f"{name}.log")

    def cpu(self):
        """Seconds of CPU of all its threads so far."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(
            encoding="ascii")
        words = stat.rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Case(unittest.TestCase):
    """A test with a veth pair and a directory of its own."""

    @classmethod
    def setUpClass(cls):
        ip("link set lo up")

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pktio-zeek-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.zeeks = []
        add_links()
        self.addCleanup(subprocess.run, ["ip", "link", "del", A], check=False)
        self.addCleanup(lambda: [zeek.kill() for zeek in self.zeeks])

    def zeek(self, *arguments, **options):
        self.zeeks.append(Zeek(self.dir / f"zeek-{len(self.zeeks)}",
                               *arguments, **options))
        return self.zeeks[-1]

    def live(self, source, *arguments, **options):
        return self.zeek("-i", source, *arguments, **options).begun()

    def offline(self, path, *arguments):
        zeek = self.zeek("-r", str(path), *arguments, beat=False)
        self.assertEqual(zeek.wait(), 0, zeek.said())
        return zeek

    def refused(self, *arguments):
        """What it says as it ends."""
        zeek = self.zeek(*arguments, beat=False)
        self.assertNotEqual(zeek.wait(), 0, zeek.said())
        return zeek.said()

    def assert_same_logs(self, zeek, other, names=("conn", "dns", "http")):
        for name in names:
            self.assertTrue(other.log(name), f"an empty {name}.log")
            self.assertEqual(same_part(zeek.log(name)),
                             same_part(other.log(name)), name)


def needs_built_in(case):
    return unittest.skipUnless(
        has_built_in(), "this Zeek has no af_packet built in")(case)


def needs_none_built_in(case):
    return unittest.skipIf(
        has_built_in(), "this Zeek has af_packet built in")(case)
