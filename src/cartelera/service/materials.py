"""The bill of materials of a Bento: every Python package it installs, with version and licence."""

from importlib import metadata
from importlib.metadata import PackageMetadata
from pathlib import Path
from typing import Any, Final

from cartelera import files

FILE_NAME: Final = "sbom.cdx.json"


def write_bill(path: Path, requirements: list[str]) -> None:
    """Write a CycloneDX 1.6 document; the same requirements give the same bytes.

    Args:
        path: The file to write.
        requirements: Lines `name==version` of packages that are installed here.
    """
    files.write_json(
        path,
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "components": [_component(*line.split("==")) for line in requirements],
        },
    )


def _component(name: str, version: str) -> dict[str, Any]:
    component = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
    }
    about = metadata.metadata(name)
    if expression := _first(about, "License-Expression"):
        return component | {"licenses": [{"expression": expression}]}
    if named := _first(about, "License"):
        # Some packages put the whole text here: its first line names it.
        return component | {"licenses": [{"license": {"name": named.strip().splitlines()[0]}}]}
    return component


def _first(about: PackageMetadata, field: str) -> str | None:
    found = about.get_all(field) or []
    return next((value for value in found if value.strip()), None)
