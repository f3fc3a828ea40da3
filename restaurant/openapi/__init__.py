"""The API's schema, OpenAPI 3.1: what drf-spectacular reads off the views, made complete."""
