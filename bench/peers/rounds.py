"""What the peers' scripts have in common: getting ready, then a round for each line on standard input."""

import json
import resource
import sys
import time


def serve(peer, version, benchmarks):
    """Says when it is ready, with the numbers to be checked; then, for each line, what one iteration of a round has cost."""
    name, iterations = sys.argv[1], int(sys.argv[3])
    if name not in benchmarks:
        sys.exit(f"the {peer} peer has no benchmark {name}")
    made = benchmarks[name]()
    run, check = made if isinstance(made, tuple) else (made, list)
    numbers = [float(number) for number in check()]
    run()
    print(json.dumps({"version": version, "check": numbers}), flush=True)
    for _ in sys.stdin:
        start, before = time.perf_counter(), time.process_time()
        for _ in range(iterations):
            run()
        wall, cpu = time.perf_counter() - start, time.process_time() - before
        cost = {"wallMs": wall * 1000 / iterations, "cpuMs": cpu * 1000 / iterations, "peakMb": peak_megabytes()}
        print(json.dumps(cost), flush=True)


def peak_megabytes():
    """Of this process alone: getrusage can report the parent's, from before this process became its own."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
