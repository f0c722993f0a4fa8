"""The calls of bench/accounting.ts in dp_accounting: reads the table on stdin, prints milliseconds a call."""

import json
import sys
import time

import dp_accounting
from dp_accounting import pld, rdp

ACCOUNTANTS = {"rdp": rdp.RdpAccountant, "pld": pld.PLDAccountant}


def event_of(row, noise):
    sampled = dp_accounting.PoissonSampledDpEvent(row["q"], dp_accounting.GaussianDpEvent(noise))
    return dp_accounting.SelfComposedDpEvent(sampled, row["steps"])


def epsilon(make, row):
    make().compose(event_of(row, row["sigma"])).get_epsilon(row["delta"])


def calibrated(row):
    dp_accounting.calibrate_dp_mechanism(
        pld.PLDAccountant, lambda noise: event_of(row, noise), row["sigma"], row["delta"]
    )


def main():
    request = json.load(sys.stdin)
    name = request["name"]
    if name not in ACCOUNTANTS and name != "calibration":
        sys.exit(1)
    times = []
    for row in request["rows"]:
        start = time.perf_counter()
        calibrated(row) if name == "calibration" else epsilon(ACCOUNTANTS[name], row)
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps(times))


main()
