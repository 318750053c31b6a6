"""The bill of materials: each package with its version and licence."""

import json
from importlib import metadata

from cartelera.service.building import pinned_requirements
from cartelera.service.materials import write_bill


def components(path):
    return {each["name"]: each for each in json.loads(path.read_text())["components"]}


def test_each_package_is_listed_with_version_and_address(tmp_path):
    version = metadata.version("pydantic-core")
    write_bill(tmp_path / "bill.json", [f"pydantic-core=={version}"])

    (component,) = components(tmp_path / "bill.json").values()
    assert component["version"] == version
    assert component["purl"] == f"pkg:pypi/pydantic-core@{version}"


def test_licences_are_named_however_a_package_states_them(tmp_path, monkeypatch):
    class Package:
        def __init__(self, **fields):
            self.fields = fields

        def get_all(self, field):
            return self.fields.get(field.replace("-", "_"))

    packages = {
        "modern": Package(License_Expression=["MIT"]),
        "older": Package(License=["BSD License\n\nRedistribution and use ..."]),
        "classified": Package(
            Classifier=["Typing :: Typed", "License :: OSI Approved :: MIT License"]
        ),
        "silent": Package(License=[""]),
    }
    monkeypatch.setattr(metadata, "metadata", packages.__getitem__)
    write_bill(tmp_path / "bill.json", [f"{name}==1" for name in packages])

    found = components(tmp_path / "bill.json")
    assert found["modern"]["licenses"] == [{"expression": "MIT"}]
    assert found["older"]["licenses"] == [{"license": {"name": "BSD License"}}]
    assert found["classified"]["licenses"] == [{"license": {"name": "MIT License"}}]
    assert "licenses" not in found["silent"]


def test_every_package_of_the_service_states_its_licence(tmp_path):
    write_bill(tmp_path / "bill.json", pinned_requirements())

    found = components(tmp_path / "bill.json").values()
    assert len(found) > 50
    assert [each["name"] for each in found if not each.get("licenses")] == []


def test_the_same_packages_give_the_same_bytes(tmp_path):
    lines = [f"numpy=={metadata.version('numpy')}"]
    write_bill(tmp_path / "one.json", lines)
    write_bill(tmp_path / "two.json", lines)

    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
