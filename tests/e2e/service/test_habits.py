"""What people type while the service runs does what docs/habits.md says."""

import subprocess

import pytest

from ..habits import habits

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]


@pytest.mark.parametrize("habit", habits("While it serves"), ids=lambda habit: habit.command)
def test_habits_while_it_serves(habit, client):
    command = habit.command.replace("localhost:3000", str(client.base_url).removeprefix("http://"))
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == habit.status, done.stderr
    assert habit.says in done.stdout if habit.says else not done.stdout.strip()
