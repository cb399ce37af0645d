#!/usr/bin/env python3
"""measure.py COMMAND...: what one command takes.

Prints one JSON line: its exit code, wall and CPU seconds, peak resident megabytes, and what it printed.
"""
import json
import resource
import subprocess
import sys
import time

began = time.monotonic()
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
seconds = time.monotonic() - began
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
# Linux counts kilobytes, macOS bytes.
peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(
    json.dumps(
        {
            "code": done.returncode,
            "seconds": seconds,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "residentMegabytes": peak,
            "output": done.stdout + done.stderr,
        }
    )
)
