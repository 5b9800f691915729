# SPDX-License-Identifier: BSD-3-Clause
"""A veth pair, Zeek processes that read one end, and their logs."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

A, B = "test-a", "test-b"
TIMEOUT = 30.0  # seconds, on a busy machine

# Prints how many packets Zeek has received, for tests that wait for packets.
PROGRESS_SCRIPT = """
event print_progress()
	{
	print fmt("received %d", get_net_stats()$pkts_recvd);
	flush_all();
	schedule 20msec { print_progress() };
	}

event zeek_init()
	{
	event print_progress();
	}
"""

# Fields that differ between two runs.
VARYING_FIELDS = {"ts", "uid", "duration", "rtt", "ts_delta", "peer", "node",
                  "fuid", "resp_fuids", "orig_fuids", "uids"}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=120, **options).stdout


def ip(words):
    return run("ip", *words.split())


def add_links():
    ip(f"link add {A} type veth peer name {B}")
    for end in (A, B):
        # No frames except those of the test.
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6").write_text(
            "1", encoding="ascii")
        ip(f"link set {end} up")


def wait_for(what, condition, seconds=TIMEOUT):
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
    """Arguments for bare mode, which loads only the named plugins."""
    plugins = ["Pktio::PktSrc"] + ([] if has_built_in()
                                   else ["Zeek::AF_Packet"])
    return ("-b", *plugins, *scripts)


def read_log(path):
    """The lines of a log, each as a dict by field name."""
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


def comparable(lines):
    """The fields of a log that are equal in every run."""
    return sorted(tuple(sorted((k, v) for k, v in line.items()
                               if k not in VARYING_FIELDS)) for line in lines)


class Zeek:
    """A Zeek process; stop() ends it, wait() waits for its end."""

    def __init__(self, directory, *arguments, progress=True):
        self.dir = directory
        self.dir.mkdir(parents=True, exist_ok=True)
        command = ["zeek", *arguments]
        if progress:
            (self.dir / "progress.zeek").write_text(PROGRESS_SCRIPT,
                                                    encoding="ascii")
            command.append("progress.zeek")
        with open(self.dir / "out", "wb") as out, \
                open(self.dir / "err", "wb") as err:
            self.process = subprocess.Popen(command, cwd=self.dir, stdout=out,
                                            stderr=err,
                                            stdin=subprocess.DEVNULL)

    def stderr(self):
        return (self.dir / "err").read_text(encoding="utf-8")

    def stdout(self):
        return (self.dir / "out").read_text(encoding="utf-8")

    def warned(self, text):
        return text in (self.stderr()
                        + "".join(line["message"]
                                  for line in self.log("reporter")))

    def received(self):
        """The number of packets; -1 before Zeek has started."""
        lines = self.stdout().splitlines()
        counts = [line for line in lines if line.startswith("received ")]
        return int(counts[-1].split()[1]) if counts else -1

    def alive(self):
        return self.process.poll() is None

    def wait_started(self):
        wait_for(lambda: f"Zeek: {self.stderr()}",
                 lambda: not self.alive() or self.received() >= 0)
        if not self.alive():
            raise AssertionError(f"Zeek ended: {self.stderr()}")
        return self

    def expect(self, packets):
        wait_for(lambda: f"{packets} packets, has {self.received()}; "
                         + self.stderr(), lambda: self.received() >= packets)
        return self

    def wait(self):
        """Returns the exit status."""
        return self.process.wait(TIMEOUT)

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
        """The CPU time of all threads in seconds."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(
            encoding="ascii")
        words = stat.rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Case(unittest.TestCase):
    """A test with its own veth pair and directory."""

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
        return self.zeek("-i", source, *arguments, **options).wait_started()

    def offline(self, path, *arguments):
        zeek = self.zeek("-r", str(path), *arguments, progress=False)
        self.assertEqual(zeek.wait(), 0, zeek.stderr())
        return zeek

    def expect_error(self, *arguments):
        """Expects that Zeek fails; returns its error output."""
        zeek = self.zeek(*arguments, progress=False)
        self.assertNotEqual(zeek.wait(), 0, zeek.stderr())
        return zeek.stderr()

    def assert_same_logs(self, zeek, other, names=("conn", "dns", "http")):
        for name in names:
            self.assertTrue(other.log(name), f"an empty {name}.log")
            self.assertEqual(comparable(zeek.log(name)),
                             comparable(other.log(name)), name)


def needs_built_in(case):
    return unittest.skipUnless(
        has_built_in(), "this Zeek has no af_packet built in")(case)


def needs_none_built_in(case):
    return unittest.skipIf(
        has_built_in(), "this Zeek has af_packet built in")(case)
