"""Where the CPU time of a call goes: JFR's samples of CPU time, by the library whose code runs or asked the JDK to."""

import re
import subprocess
from collections import Counter
from pathlib import Path

EVENTS = """<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0">
  <event name="jdk.CPUTimeSample"><setting name="enabled">true</setting><setting name="throttle">2ms</setting></event>
  <event name="jdk.GCPhasePause"><setting name="enabled">true</setting><setting name="threshold">0 ms</setting></event>
</configuration>
"""
LIBRARIES = (
    ("dev.greeter", "service and interceptors"),
    ("net.devh.", "net.devh starter"),
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
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


def profile(server, java, load, folder):
    """Returns the seconds of CPU time per call by library, of a load that this runs."""
    settings, recording = Path(folder) / "profile.jfc", Path(folder) / "profile.jfr"
    settings.write_text(EVENTS)
    _jcmd(java, server, "JFR.start", "name=profile", f"settings={settings}", f"filename={recording}")
    measured = load()
    _jcmd(java, server, "JFR.stop", "name=profile")
    spent = Counter()
    for sample in _events(java, recording, "jdk.CPUTimeSample"):
        spent[_library(sample)] += float(PERIOD.search(sample)[1]) * 1e-3
    for pause in _events(java, recording, "jdk.GCPhasePause"):
        duration = PAUSE.search(pause)
        spent[COLLECTION] += float(duration[1]) * SECONDS[duration[2]]
    recording.unlink()
    per_call = {library: seconds / measured.calls for library, seconds in spent.items()}
    per_call[REST] = per_call.get(REST, 0) + max(0.0, measured.cpu_per_call - sum(per_call.values()))
    return per_call


def _library(sample):
    for frame in FRAME.findall(sample):
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
