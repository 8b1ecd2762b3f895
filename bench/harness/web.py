"""One call on the web port, to know the right answer."""

import urllib.request

from . import grpc

JSON = "application/json"
GRPC_WEB = "application/grpc-web+proto"


def call(port, method, content_type, body):
    """Calls, and returns the number of bytes of the answer; raises ValueError for a wrong one."""
    url = f"http://127.0.0.1:{port}{grpc.SERVICE}{method}"
    request = urllib.request.Request(url, body, {"content-type": content_type})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = response.read()
    if b"Hello, World!" not in answer or (content_type == GRPC_WEB and b"grpc-status: 0" not in answer):
        raise ValueError(f"the call failed: {answer!r}")
    return len(answer)
