"""docker/compose.yaml gives each process what docs/operations.md says that it uses."""

import re

import pytest
import yaml

from restaurant.needs import NEEDS
from tests.environment.bare import ROOT
from tests.environment.test_docs import ROWS

pytestmark = pytest.mark.once

SERVICES = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
GIVEN = {name: {n.removesuffix("_FILE") for n in SERVICES[name]["environment"]} for name in NEEDS}
USED_BY = {
    name: set(NEEDS) if users == "all" else set(re.split(r"\W+", users)) & set(NEEDS)
    for name, _takes, _default, users, _meaning in ROWS
}
# Behind the proxy nobody is led to a process's own port.
OWN = {"PORT", "LIVE_PORT"}


@pytest.mark.parametrize("name", sorted(set().union(*GIVEN.values()) - OWN))
def test_a_variable_is_given_to_all_who_use_it(name: str) -> None:
    assert USED_BY[name] <= {process for process in NEEDS if name in GIVEN[process]}


@pytest.mark.parametrize("process", sorted(USED_BY["MEDIA_ROOT"]))
def test_who_uses_pictures_has_them(process: str) -> None:
    # As the image says, in its MEDIA_ROOT.
    assert "media:/media" in SERVICES[process]["volumes"]
