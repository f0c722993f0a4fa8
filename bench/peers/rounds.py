"""What the peers' scripts have in common: answering rounds, one for each line on standard input."""

import sys
import time


def serve(peer, version, benchmarks):
    """Prints the version when ready; then, for each line, the milliseconds of one iteration over a round."""
    name, iterations = sys.argv[1], int(sys.argv[3])
    if name not in benchmarks:
        sys.exit(f"the {peer} peer has no benchmark {name}")
    run = benchmarks[name]()
    run()
    print(version, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(iterations):
            run()
        print((time.perf_counter() - start) * 1000 / iterations, flush=True)
