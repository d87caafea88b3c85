"""Writes the documents of examples/larkspur-freight. Run: python3 examples/generator/main.py"""

import pathlib

from aws import write_aws
from azure import write_azure
from estate import Folder
from findings import write_findings
from gcp import write_gcp
from kubernetes import write_kubernetes


def main():
    folder = Folder(pathlib.Path(__file__).parent.parent / "larkspur-freight")
    folder.clear("azure", "aws", "gcp", "kubernetes", "findings")
    write_azure(folder)
    write_aws(folder)
    write_gcp(folder)
    write_kubernetes(folder)
    write_findings(folder)
    # these parts are whole: what they do not hold does not exist
    for whole in ("azure/larkspur-production", "aws/111122223333", "gcp", "kubernetes/tracking-prod"):
        folder.text(f"{whole}/merlon-export.yaml", "complete: true\n")
    print(f"{len(folder.written)} files")


if __name__ == "__main__":
    main()
