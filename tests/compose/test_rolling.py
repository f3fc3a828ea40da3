"""docker/rolling.sh where not all of a service runs; `make rolling-compose` tries it under load."""

import pytest

from tests.compose.stack import COMPOSE, ROOT, Stack, run


def roll(stack: Stack, service: str) -> str:
    env = {"COMPOSE_FILE": str(COMPOSE), "COMPOSE_PROJECT_NAME": stack.project}
    return run(str(ROOT / "docker" / "rolling.sh"), service, env={**stack.env, **env}, seconds=300)


@pytest.mark.parametrize("service", ["kitchen", "beat"])
def test_it_starts_what_was_stopped(stack: Stack, service: str):
    before = stack.containers(service)
    stack.compose("stop", service)
    roll(stack, service)
    stack.wait_until_well(service)
    assert not set(before) & set(stack.containers(service))


def test_it_replaces_one_and_starts_the_other_that_has_ended(stack: Stack):
    before = stack.containers("web")
    # As the operator's wish: it is not restarted.
    run("docker", "kill", before[0])
    told = roll(stack, "web")
    assert (told.count("web: started"), told.count("web: replaced")) == (1, 1)
    stack.wait_until_well("web")
    # As many as before, and none of those: the one that had ended was not started again as it was.
    after = stack.containers("web")
    assert len(after) == len(before)
    assert not set(before) & set(after)
    assert sorted(stack.compose("ps", "--all", "--quiet", "web").split()) == sorted(after)
