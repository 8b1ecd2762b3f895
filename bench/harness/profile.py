"""Where the CPU time and the memory of a call go: JFR's samples by library, by method and by class.

The library is the one whose code runs or has called the JDK's.
"""

import re
import subprocess
from collections import Counter
from pathlib import Path

EVENTS = """<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0">
  <event name="jdk.CPUTimeSample"><setting name="enabled">true</setting><setting name="throttle">2ms</setting></event>
  <event name="jdk.ObjectAllocationSample"><setting name="enabled">true</setting><setting name="throttle">300/s</setting></event>
  <event name="jdk.GCPhasePause"><setting name="enabled">true</setting><setting name="threshold">0 ms</setting></event>
</configuration>
"""
LIBRARIES = (
    ("dev.greeter", "service and interceptors"),
    ("net.devh.", "net.devh starter"),
    ("ch.qos.logback.", "Logback"),
    ("io.opentelemetry.", "OpenTelemetry"),
    ("io.micrometer.", "Micrometer"),
    ("io.grpc.netty.shaded.io.netty.", "Netty"),
    ("io.grpc.", "grpc-java"),
    ("com.google.protobuf.", "protobuf"),
    ("com.google.", "Guava"),
)
COLLECTION = "garbage collection"
REST = "the rest: compilers, JDK threads, the profile itself"
FRAME = re.compile(r"^    ([\w.$/]+)\(.* line: ", re.MULTILINE)
PERIOD = re.compile(r"samplingPeriod = ([\d.]+) ms")
PAUSE = re.compile(r"duration = ([\d.]+) (us|ms|s)")
ALLOCATED = re.compile(r"objectClass = (\S+).*?weight = ([\d.]+) (bytes|kB|MB)", re.DOTALL)
THREAD = re.compile(r'eventThread = "([^"]*)"')
BYTES = {"bytes": 1, "kB": 2**10, "MB": 2**20}
# of the methods and of the classes
MOST = 15
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def profile(server, java, load, folder):
    """Returns the seconds of CPU time per call by library and method, and the bytes by class, of a load that it runs."""
    settings, recording = Path(folder) / "profile.jfc", Path(folder) / "profile.jfr"
    settings.write_text(EVENTS)
    _jcmd(java, server, "JFR.start", "name=profile", f"settings={settings}", f"filename={recording}")
    measured = load()
    _jcmd(java, server, "JFR.stop", "name=profile")
    spent, methods, classes = Counter(), Counter(), Counter()
    for sample in _events(java, recording, "jdk.CPUTimeSample"):
        seconds, frames = float(PERIOD.search(sample)[1]) * 1e-3, FRAME.findall(sample)
        spent[_library(frames)] += seconds
        if frames:
            methods[".".join(frames[0].split(".")[-2:])] += seconds
    threads = set()
    for sample in _events(java, recording, "jdk.ObjectAllocationSample"):
        thread, found = THREAD.search(sample), ALLOCATED.search(sample)
        # the first one of a thread stands for all that it has allocated since its start
        if thread and found and thread[1] in threads:
            classes[found[1]] += float(found[2]) * BYTES[found[3]]
        elif thread:
            threads.add(thread[1])
    for pause in _events(java, recording, "jdk.GCPhasePause"):
        duration = PAUSE.search(pause)
        spent[COLLECTION] += float(duration[1]) * SECONDS[duration[2]]
    recording.unlink()
    per_call = {library: seconds / measured.calls for library, seconds in spent.items()}
    per_call[REST] = per_call.get(REST, 0) + max(0.0, measured.cpu_per_call - sum(per_call.values()))
    return {
        "libraries": per_call,
        "methods": {method: seconds / measured.calls for method, seconds in methods.most_common(MOST)},
        "classes": {name: size / measured.calls for name, size in classes.most_common(MOST)},
    }


def _library(frames):
    for frame in frames:
        for prefix, library in LIBRARIES:
            if frame.startswith(prefix):
                return library
    return REST


def _events(java, recording, name):
    command = [_tool(java, "jfr"), "print", "--events", name, "--stack-depth", "32", str(recording)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.split(name + " {")[1:]


def _jcmd(java, server, *command):
    subprocess.run([_tool(java, "jcmd"), str(server.process.pid), *command], capture_output=True, check=True)


def _tool(java, name):
    return str(Path(java).with_name(name))
