"""A queue with several equal servers in SimPy: prints one JSON object.

    queue-simpy.py CUSTOMERS SERVERS UTILISATION
"""

import json
import random
import sys
import time

import simpy


def main():
    customers, servers, utilisation = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    draw = random.Random(1)
    environment = simpy.Environment()
    desk = simpy.Resource(environment, capacity=servers)
    total = 0.0

    def customer():
        nonlocal total
        arrival = environment.now
        with desk.request() as request:
            yield request
            yield environment.timeout(draw.expovariate(1.0))
        total += environment.now - arrival

    def source():
        for _ in range(customers):
            yield environment.timeout(draw.expovariate(utilisation * servers))
            environment.process(customer())

    environment.process(source())
    start = time.process_time()
    environment.run()
    seconds = time.process_time() - start
    print(json.dumps({
        "peer": f"SimPy {simpy.__version__}", "requests": customers, "seconds": seconds, "mean": total / customers}))


main()
