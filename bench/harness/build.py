"""What is needed to build: the JDK that bench/pom.xml compiles for."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 25


def find_java(program):
    """JAVA_HOME, java on the path, or the newest JDK where distributions put them: the first that is new enough."""
    homes = [os.environ.get("JAVA_HOME"), Path(shutil.which("java") or "/none/bin/java").resolve().parent.parent]
    newest = sorted(Path("/usr/lib/jvm").glob("*"), key=lambda home: -_version(home / "bin" / "java"))
    for home in [*filter(None, homes), *newest]:
        java = Path(home) / "bin" / "java"
        if _version(java) >= OLDEST and java.with_name("javac").exists():
            return str(java)
    sys.exit(f"{program} needs a JDK of version {OLDEST} or later: set JAVA_HOME.")


def environment(java):
    """The environment in which Maven and other programs use this JDK."""
    return os.environ | {"JAVA_HOME": str(Path(java).resolve().parent.parent)}


def made(process, what):
    if process.returncode:
        sys.exit(f"{what} failed.")


def _version(java):
    if not java.exists():
        return 0
    version = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', version)
    return int(found[1]) if found else 0
