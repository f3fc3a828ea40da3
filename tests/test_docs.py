"""Every block of docs/ is run, or held to the code, by exactly one test."""

import re

import pytest

from tests.blocks import DOCS, Block, blocks, pages
from tests.compose import handbook
from tests.environment import test_deploy, test_docs
from tests.flow import test_docs as commands
from tests.limits import test_http
from tests.logs import test_whole_run
from tests.messaging import test_debezium
from tests.openapi import test_versions
from tests.orders import test_bad_input, test_menu_tables
from tests.upgrades import test_fitness

pytestmark = pytest.mark.once

RUN: dict[str, list[Block]] = {
    "tests/flow": [block for page in commands.PAGES for block in blocks(page)],
    "tests/compose": [*handbook.RECIPES, handbook.PROBED],
    "tests/environment": [
        test_docs.MISCONFIGURED,
        test_docs.BY_TLS,
        test_deploy.DOCUMENTED,
    ],
    "tests/limits": [test_http.DOCUMENTED],
    "tests/logs": [test_whole_run.DOCUMENTED],
    "tests/messaging": [test_debezium.RECIPE],
    "tests/openapi": [test_versions.AT_A_RELEASE],
    "tests/orders": [test_bad_input.DOCUMENTED, test_menu_tables.DOCUMENTED],
    "tests/upgrades": [test_fitness.DOCUMENTED],
}


def test_no_block_is_left_over_and_none_is_run_twice() -> None:
    found = [block for page in pages() for block in blocks(page)]
    assert found
    assert sorted(block for run in RUN.values() for block in run) == sorted(found)


@pytest.mark.parametrize("page", pages())
def test_a_page_has_no_block_that_would_not_be_found(page: str) -> None:
    """No fence that is indented or of another form, and no code that is told by indenting alone."""
    text = (DOCS / page).read_text()
    assert len(re.findall("```|~~~", text)) == 2 * len(blocks(page))
    assert not re.search(r"\n\n(    |\t)", re.sub("^```.*?^```$", "", text, flags=re.M | re.S))
