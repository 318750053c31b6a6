"""Questions made up from the OpenAPI document, good and bad ones: is it true of the answers?"""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cartelera.service.operations import OPERATIONS

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What takes no parameters cannot be asked wrongly.
QUESTIONS = [
    (operation.name, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.question or operation.in_path
]


@pytest.fixture(scope="module")
def schema(client: httpx.Client) -> Any:
    loaded = schemathesis.openapi.from_url(f"{client.base_url}/api/openapi.json")
    loaded.config.update(base_url=f"{client.base_url}/api")
    return loaded


@pytest.mark.parametrize(("operation", "mode"), QUESTIONS)
def test_the_answers_are_what_the_document_says(schema: Any, operation: str, mode: GenerationMode):
    cases = schema.find_operation_by_id(operation).as_strategy(generation_mode=mode)

    @given(case=cases)
    @settings(max_examples=20)
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    check()
