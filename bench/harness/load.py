"""Load by h2load, which speaks HTTP/2: the body is a file."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import grpc, web

FINISHED = re.compile(r"finished in ([\d.]+)(us|ms|s), ([\d.]+) req/s")
REQUESTS = re.compile(r"requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded")
DATA = re.compile(r"\((\d+)\) data$", re.MULTILINE)
MEAN = re.compile(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)")
MOST_WARM_SECONDS = 90
# the share of a core that the compilers of a warm server take
COMPILED = 0.05
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Shape:
    """What is called, by how many connections with how many streams at once."""

    connections: int
    streams: int
    method: str
    body: bytes
    messages: int = 1
    content_type: str = grpc.CONTENT_TYPE


@dataclass(frozen=True)
class Load:
    calls: int
    rate: float
    mean: float
    p99: float | None
    cpu_per_call: float
    busy: float


class Driver:
    def __init__(self, cores, folder):
        self.cores = set(cores)
        self.folder = Path(folder)

    def warm_up(self, server, shape, seconds, calm=1):
        """Runs until the compilers have hardly anything to do in as many loads in a row, and returns the rate then."""
        calls = max(500, shape.connections * shape.streams)
        end = time.monotonic() + MOST_WARM_SECONDS
        left = calm
        while left > 0 and (began := time.monotonic()) < end:
            compiled = server.compiler_seconds()
            rate = self._run(server, shape, calls, []).rate
            elapsed = time.monotonic() - began
            compiling = server.compiler_seconds() - compiled > COMPILED * elapsed
            left = calm if compiling or elapsed < 0.5 * seconds else left - 1
            calls = max(calls, min(4 * calls, int(rate * seconds)))
        return rate

    def run(self, server, shape, seconds, rate):
        """As many calls as the server answers, for about the seconds that they take at the expected rate."""
        return self._run(server, shape, max(shape.connections * shape.streams, int(rate * seconds)), [])

    def paced(self, server, shape, seconds, rate):
        """Calls at a fixed rate, with the 99th percentile of their latency."""
        log = self.folder / "latencies"
        per_connection = max(1, round(rate / shape.connections))
        calls = int(per_connection * shape.connections * seconds)
        # h2load lets each connection send every 10 ms what is due: connections that start in
        # groups 1 ms apart spread the calls evenly
        spread = ["-r", str(max(1, shape.connections // 10)), "--rate-period=1ms"]
        log.unlink(missing_ok=True)
        load = self._run(server, shape, calls, [f"--rps={per_connection}", f"--log-file={log}", *spread])
        latencies = [int(line.rsplit("\t", 1)[1]) for line in log.read_text().splitlines()]
        settled = sorted(latencies[len(latencies) // 5 :])
        p99 = settled[len(settled) * 99 // 100] * 1e-6
        mean = sum(settled) / len(settled) * 1e-6
        return Load(load.calls, load.rate, mean, p99, load.cpu_per_call, load.busy)

    def _run(self, server, shape, calls, options):
        by_grpc = shape.content_type == grpc.CONTENT_TYPE
        port = server.port if by_grpc else server.web_port()
        if by_grpc:
            expected = server.call(shape.method, shape.body).data_bytes
        else:
            expected = web.call(port, shape.method, shape.content_type, shape.body)
        body = self.folder / "body"
        body.write_bytes(shape.body)
        headers = [("content-type", shape.content_type), ("te", "trailers"), *server.launch.headers]
        scheme = "https" if server.launch.tls else "http"
        calls -= calls % shape.connections
        command = ["taskset", "-c", ",".join(map(str, self.cores)), "h2load", "-t1", "-c", str(shape.connections)]
        command += ["-m", str(shape.streams), "-n", str(calls), "-d", str(body), *options]
        for name, value in headers:
            command += ["-H", f"{name}: {value}"]
        command.append(f"{scheme}://127.0.0.1:{port}/helloworld.Greeter/{shape.method}")
        cpu = server.cpu_seconds()
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        cpu = server.cpu_seconds() - cpu
        text = result.stdout
        finished, requests, mean = FINISHED.search(text), REQUESTS.search(text), MEAN.search(text)
        if not (finished and requests and mean):
            raise SystemExit(f"h2load failed: {' '.join(command)}\n{text}{result.stderr}")
        succeeded, data = int(requests[2]), int(DATA.search(text)[1])
        if succeeded != calls or data != calls * expected:
            raise SystemExit(
                f"{server.launch.name}: of {calls} calls {succeeded} succeeded, with {data} bytes of replies "
                f"instead of {calls * expected}; see {server.log}\n{text}"
            )
        elapsed = float(finished[1]) * SECONDS[finished[2]]
        return Load(
            calls,
            float(finished[3]),
            float(mean[1]) * SECONDS[mean[2]],
            None,
            cpu / calls,
            cpu / elapsed,
        )
