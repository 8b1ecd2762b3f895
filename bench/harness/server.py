"""A server process on a core of its own, and what /proc and the JVM say about it."""

import os
import re
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

from . import grpc

TICKS = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 60
WEB_PORT = re.compile(r"Web port open.*port: (\d+)")
TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+(?=\s)")


@dataclass(frozen=True)
class Launch:
    """How to start a server: the command takes its ports in place of PORT and MANAGEMENT."""

    name: str
    title: str
    command: tuple
    headers: tuple = ()
    tls: bool = False


class Server:
    def __init__(self, launch, cores, log):
        self.launch = launch
        self.port = _free_port()
        self.management_port = _free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="greeter-bench-")
        self.log = log
        command = ["taskset", "-c", ",".join(map(str, cores))]
        command += [self._port_in(word) for word in launch.command]
        began = time.monotonic()
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, cwd=self.folder.name, stdout=out, stderr=subprocess.STDOUT)
        try:
            self._await_answer(began)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began
        self.idle_rss = self.rss()

    def _port_in(self, word):
        return word.replace("PORT", str(self.port)).replace("MANAGEMENT", str(self.management_port))

    def called_with(self, launch):
        """The same process under calls with the headers of another launch."""
        server = copy(self)
        server.launch = launch
        return server

    def _await_answer(self, began):
        body = grpc.request("World")
        token = any("TOKEN" in value for _, value in self.launch.headers)
        while True:
            try:
                if not token:
                    return self.call("SayHello", body)
                if found := TOKEN.search(self.log.read_text()):
                    headers = [(name, value.replace("TOKEN", found[0])) for name, value in self.launch.headers]
                    self.launch, token = replace(self.launch, headers=tuple(headers)), False
                    continue
                raise ConnectionError("no token yet")
            except ValueError as wrong:
                raise SystemExit(f"{self.launch.name}: {wrong}; see {self.log}") from wrong
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > START_TIMEOUT:
                    raise SystemExit(f"{self.launch.name} did not start: see {self.log}") from None
                time.sleep(0.002)

    def run_on(self, cores):
        """Moves all threads, the compilers, too."""
        _pin(self._tasks(), cores)

    def compile_on(self, cores):
        """Moves the compilers of the JVM to other cores, where they do not take the time of calls."""
        _pin((task for task, _ in self._compilers()), cores)

    def compiler_seconds(self):
        return sum(seconds for _, seconds in self._compilers())

    def _compilers(self):
        for task in self._tasks():
            # the JVM ends compilers that it has no work for
            with suppress(FileNotFoundError, ProcessLookupError):
                if (task / "comm").read_text().startswith(("C1 Compiler", "C2 Compiler")):
                    yield task, _cpu_seconds(task)

    def _tasks(self):
        return Path(f"/proc/{self.process.pid}/task").iterdir()

    def call(self, method, body):
        return grpc.call(self.port, method, body, self.launch.headers, self.launch.tls)

    def web_port(self):
        return int(WEB_PORT.search(self.log.read_text())[1])

    def cpu_seconds(self):
        # to the nanosecond, by what clock_getcpuclockid(3) returns; /proc counts in hundredths of a second
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def rss(self):
        return self._memory("status", "VmRSS:")

    def private(self):
        """The bytes of the pages that it has written."""
        return self._memory("smaps_rollup", "Private_Dirty:")

    def _memory(self, file, title):
        for line in Path(f"/proc/{self.process.pid}/{file}").read_text().splitlines():
            if line.startswith(title):
                return int(line.split()[1]) * 1024
        raise SystemExit(f"{self.launch.name} has died: see {self.log}")

    def stop(self):
        self.process.kill()  # an orderly stop would wait for balancers to notice
        self.process.wait()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class AllocationMeter:
    """Bytes that all threads of a JVM have allocated, by the bench's own program."""

    def __init__(self, server, java, classes, cores):
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classes]
            + ["dev.greeterbench.AllocationMeter", str(server.process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def bytes(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=15)
        self.process.stdout.close()


def _pin(tasks, cores):
    for task in tasks:
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)


def _cpu_seconds(task):
    fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
