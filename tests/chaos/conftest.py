"""The same houses as in `flow`."""

from tests.flow.conftest import guest, house, whole

__all__ = ["guest", "house", "whole"]
