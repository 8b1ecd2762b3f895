"""What surrounds a server in production: a collector that drops all traces, and a scrape of the metrics each second.

Run as a program it is that process: it prints the port of the collector, and reads which port it shall scrape.
"""

import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Surroundings:
    """The process, on cores of its own."""

    def __init__(self, cores):
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.collector = int(self.process.stdout.readline())

    def scrape(self, port):
        self.process.stdin.write(f"{port}\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class _Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def _main():
    collector = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    print(collector.server_port, flush=True)
    port = int(sys.stdin.readline())
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/actuator/prometheus") as metrics:
            metrics.read()
        time.sleep(1)


if __name__ == "__main__":
    _main()
