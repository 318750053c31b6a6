"""The questions over HTTP: routes, parameters, the OpenAPI document."""
