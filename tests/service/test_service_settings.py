from pathlib import Path
from typing import Any

import pytest

from cartelera.config import CONF_FOLDER, compose
from cartelera.errors import InputError
from cartelera.service.service_settings import VARIABLE, ServiceSettings

CONF = Path(__file__).parents[2] / CONF_FOLDER


def test_what_is_written_is_read(tmp_path: Path):
    settings = ServiceSettings(workers=3, cors_origins=["https://example.org"])
    settings.write(tmp_path)
    assert ServiceSettings.read(tmp_path, {}) == settings


def test_the_environment_goes_before_the_file_where_it_says_something(tmp_path: Path):
    ServiceSettings(workers=3, burst=7).write(tmp_path)
    read = ServiceSettings.read(tmp_path, {VARIABLE: '{"workers": 2}'})
    assert (read.workers, read.burst) == (2, 7)


def test_what_the_command_line_hands_over_is_read(tmp_path: Path):
    settings = ServiceSettings(requests_per_s=0, n_proxies=2)
    assert ServiceSettings.read(tmp_path, settings.as_variable()) == settings


@pytest.mark.parametrize(
    "content",
    [
        '{"workers": 0}',
        '{"workers": "two"}',
        '{"workers": true}',
        '{"wrokers": 2}',
        '{"timeout_s": 0}',
        '{"requests_per_s": -1}',
        '{"requests_per_s": NaN}',
        '{"cors_origins": ["example.org"]}',
        '{"cors_origins": ["https://example.org/page"]}',
        '{"allowed_hosts": ["example.org:3000"]}',
        "[]",
        "{",
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, content: str):
    with pytest.raises(InputError, match=VARIABLE):
        ServiceSettings.read(tmp_path, {VARIABLE: content})


def test_the_defaults_are_those_of_the_configuration():
    assert ServiceSettings.of(compose(conf=CONF).serve) == ServiceSettings()


@pytest.mark.parametrize("field", sorted(ServiceSettings.model_fields))
def test_every_setting_can_be_configured(field: str):
    values: dict[str, Any] = {"request_log": "false", "cors_origins": "['http://a.b:1']"}
    values["allowed_hosts"] = "[films.example]"
    override = f"serve.{field}={values.get(field, 2)}"
    settings = ServiceSettings.of(compose([override], CONF).serve)
    assert settings != ServiceSettings()
