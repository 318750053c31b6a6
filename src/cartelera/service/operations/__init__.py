"""Everything the service answers over HTTP, each operation once.

Name, path, parameters, answer, description, example and refusals of an operation stand together.
The GET and POST routes under `/api`, BentoML's endpoints and the documents of both come from here.
"""

from typing import Final

from cartelera.service.operations import catalogue, model, recommendations, users
from cartelera.service.operations.definition import HttpOperation

OPERATIONS: Final[tuple[HttpOperation, ...]] = (
    *catalogue.OPERATIONS.all,
    *users.OPERATIONS.all,
    *recommendations.OPERATIONS.all,
    *model.OPERATIONS.all,
)
