#!/usr/bin/env python3
"""Makes two network interfaces, and carries each frame from one to the other, later, or loses it.

usage: cluster/slow.py INTERFACE INTERFACE MILLISECONDS PERCENT

  MILLISECONDS  how long a frame takes
  PERCENT       how many frames are lost

Prints a line when both interfaces exist; they exist until it ends. Network namespaces of one host have the same kernel,
and few kernels have netem.
"""

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

# linux/if_tun.h
TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000

LARGEST_FRAME = 1 << 16


def interface(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def carry(left, right, delay, loss):
    other = {left: right, right: left}
    under_way = collections.deque()
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for device in select.select([left, right], [], [], wait)[0]:
            frame = os.read(device, LARGEST_FRAME)
            if random.random() >= loss:
                under_way.append((time.monotonic() + delay, other[device], frame))
        while under_way and under_way[0][0] <= time.monotonic():
            _, device, frame = under_way.popleft()
            try:
                os.write(device, frame)
            except OSError:
                pass  # an interface that is down, or a full queue, loses frames


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    left, right = interface(sys.argv[1]), interface(sys.argv[2])
    print("carrying", flush=True)
    carry(left, right, float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100)


main()
