"""Jobs of the practice engine that need others."""

import pytest

from tests.images.test_practice_engine import Engine, forge, log_of, place

__all__ = ["forge", "place"]


# Needs


@pytest.mark.parametrize(
    "condition, conclusion", [("always()", "success"), ("success()", "skipped"), ("failure()", "success")]
)
def test_a_job_with_needs_decides_its_own_if(place, tmp_path, condition, conclusion):
    place.push(
        f"""\
on: push
jobs:
  first:
    runs-on: small
    steps:
    - run: exit 1
  second:
    needs: first
    if: {condition}
    runs-on: small
    steps:
    - run: echo first was ${{{{ needs.first.result }}}}
"""
    )
    for number in range(2):
        assert Engine(place, tmp_path / str(number)).start().end()[0] == 0
    job = place.jobs()[-1]
    assert job["conclusion"] == conclusion
    if conclusion == "success":
        assert log_of(place, job) == ["first was failure"]


def test_outputs_reach_the_job_that_needs_them(place, tmp_path):
    place.push(
        """\
on: push
jobs:
  first:
    runs-on: small
    outputs:
      answer: ${{ steps.a.outputs.answer }}
    steps:
    - id: a
      run: echo answer=42 >> $GITHUB_OUTPUT
  second:
    needs: [first]
    runs-on: small
    steps:
    - run: echo ${{ needs.first.outputs.answer }} ${{ needs.first.result }}
"""
    )
    for number in range(2):
        assert Engine(place, tmp_path / str(number)).start().end()[0] == 0
    assert log_of(place, place.jobs()[-1]) == ["42 success"]
