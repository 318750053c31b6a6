"""Each operation is there once, and says all that its users need."""

from inspect import signature

from cartelera.service.operations import OPERATIONS


def test_names_and_paths_are_given_once():
    names = [operation.name for operation in OPERATIONS]
    paths = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)


def test_a_function_takes_what_the_operation_says():
    for operation in OPERATIONS:
        question = ["question"] if operation.question else []
        expected = ["answers", *operation.in_path, *question]
        assert list(signature(operation.function).parameters) == expected


def test_native_operations_need_no_path():
    assert all(
        operation.question and not operation.in_path
        for operation in OPERATIONS
        if operation.is_native
    )


def test_common_refusals_come_by_themselves():
    refusals = {operation.name: list(operation.refusals) for operation in OPERATIONS}
    assert refusals["facets"] == []
    assert refusals["title"] == [404, 414, 422]
    assert refusals["rate"] == [400, 404, 413, 415, 422, 503]
