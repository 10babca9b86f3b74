"""Validates an export's Kubernetes manifests with kubernetes-validate: see Scripts/check-manifests.

    check-manifests.py FOLDER [VERSION ...]
"""

import json
import pathlib
import sys

import kubernetes_validate
import yaml

NEWEST = ".".join(kubernetes_validate.__version__.split(".")[:2])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    versions = sys.argv[2:] or [NEWEST]
    index = json.loads((folder / "kubernetes/index.json").read_text())
    schedule = json.loads((folder / "schedule.json").read_text())
    failures = []
    documents = 0
    running = {}
    at = {}
    for entry in index["sets"]:
        for document in yaml.safe_load_all((folder / "kubernetes" / entry["file"]).read_text()):
            documents += 1
            for version in versions:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    failures.append(f"{entry['file']}: {document['metadata']['name']}: {error.message}")
            labels = document["metadata"]["labels"]
            pair = (labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"])
            running[pair] = document["spec"]["replicas"]
            template = document["spec"]["template"]
            if document["spec"]["selector"]["matchLabels"] != template["metadata"]["labels"]:
                failures.append(f"{entry['file']}: {document['metadata']['name']}: the selector misses its pods")
            if template["spec"]["nodeSelector"] != {index["nodeLabel"]: pair[1]}:
                failures.append(f"{entry['file']}: {document['metadata']['name']}: wrong node selector")
        at[entry["firstInterval"]] = {pair: count for pair, count in running.items() if count}
    state = {}
    for span in schedule["spans"]:
        state = at.pop(span["firstInterval"], state)
        expected = {(share["model"], share["server"]): share["count"] for share in span["allocations"]}
        if state != expected:
            failures.append(f"interval {span['firstInterval']}: the manifests run {state}, the schedule {expected}")
    for failure in failures:
        print(f"check-manifests: {failure}", file=sys.stderr)
    if failures:
        sys.exit(1)
    print(
        f"check-manifests: {documents} documents in {len(index['sets'])} sets are valid Kubernetes "
        f"{', '.join(versions)}, and follow the schedule")


main()
