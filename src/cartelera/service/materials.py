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
    licences = _licences(metadata.metadata(name))
    return component | ({"licenses": licences} if licences else {})


def _licences(about: PackageMetadata) -> list[dict[str, Any]]:
    """Find a package's licences in the first of the three places that tells any."""
    if expressions := _stated(about, "License-Expression"):
        return [{"expression": expressions[0]}]
    # Some packages put the whole text here: its first line names it.
    names = [text.splitlines()[0] for text in _stated(about, "License")]
    kinds = [
        kind.rpartition(" :: ")[2]
        for kind in _stated(about, "Classifier")
        if kind.startswith("License ::")
    ]
    return [{"license": {"name": name}} for name in names or kinds]


def _stated(about: PackageMetadata, field: str) -> list[str]:
    stripped = (text.strip() for text in about.get_all(field) or [])
    return list(filter(None, stripped))
