"""A queue with several equal servers in Ciw: prints one JSON object.

    queue-ciw.py CUSTOMERS SERVERS UTILISATION
"""

import json
import sys
import time

import ciw


def main():
    customers, servers, utilisation = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=utilisation * servers)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[servers])
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    start = time.process_time()
    simulation.simulate_until_max_customers(customers)
    seconds = time.process_time() - start
    records = simulation.get_all_records()
    total = sum(record.exit_date - record.arrival_date for record in records)
    print(json.dumps({
        "peer": f"Ciw {ciw.__version__}", "requests": len(records), "seconds": seconds,
        "mean": total / len(records)}))


main()
