"""Every text that people read is marked for translation."""

import pytest

from tests.translation import unmarked_python, unmarked_templates
from tests.translation.extraction import ROOT, TEMPLATES, name, python_files

# Modules with texts for people; docs/decisions/translation.md says what stays English.
TELLING = (
    "billing/templatetags/",
    "billing/withdrawal_rules/",
    "runners/reasons/",
    "runners/web/forms/",
    "runners/web/views/",
    "tfci/accounts/",
    "tfci/core/formatting.py",
    "tfci/core/names.py",
    "tfci/forges/findings.py",
    "tfci/forges/problems.py",
    "tfci/grid/reasons.py",
    "tfci/grid/selections.py",
    "tfci/pages/",
    "tfci/templatetags/",
)
ENGLISH = {  # texts that stay so: stored, sent to forges, names of others, or read by programs
    "templates/api/resource.html": {"fh_…"},
    "templates/confirm.html": {'|default:"btn-danger"'},
    "templates/partials/empty.html": {'|default:"inbox"'},
    "templates/runners/connections/github.html": {'|add:"?forge=github"'},
    "templates/runners/connections/start.html": {"/ci.yml"},
    "templates/runners/pools/try_form.html": {"4cpu8gbram50gbssd"},
    "templates/site/labels.html": {"[self-hosted, linux, 4vcpu-8gb-50gbssd]"},
    "templates/site/landing.html": {".gitea/workflows/test.yml"},
    "tfci/accounts/adapter.py": {"'s team"},
    "tfci/accounts/models/invitation.py": {"invitation by link {}", "invitation of {}"},
    "tfci/accounts/sign_ins.py": {"Mac OS X"},
    "tfci/accounts/ssh_keys.py": {"PRIVATE KEY"},
    "tfci/accounts/teams.py": {"no free slug for a team after {} tries", "up to each", "two factors"},
    "tfci/accounts/tokens.py": {"ends after"},
    "tfci/accounts/views/audit.py": {"in words"},
    "tfci/forges/problems.py": {"GitHub Enterprise Server"},
    "tfci/pages/views/api_reference.py": {"export FARMHAND={} export FARMHAND_TOKEN=fh_..."},
    "tfci/pages/views/labels.py": {"[tfgrid, small]", "[tfgrid, gpu]"},
}
API = ("tfci/pages/api_examples.py", "tfci/pages/api_reference.py")  # its reference is as the API is


def telling() -> list[str]:
    files = [name(path) for path in python_files()]
    return [file for file in files if file.startswith(TELLING) and file not in API]


def templates() -> list[str]:
    return sorted(name(path) for path in TEMPLATES.rglob("*.*"))


def to_translate(file: str, found: list[str]) -> list[str]:
    return [one for one in found if one.partition(": ")[2] not in ENGLISH.get(file, ())]


@pytest.mark.parametrize("file", telling())
def test_a_module_marks_its_texts(file):
    assert to_translate(file, unmarked_python.of_python((ROOT / file).read_text())) == []


@pytest.mark.parametrize("file", templates())
def test_a_template_marks_its_texts(file):
    assert to_translate(file, unmarked_templates.of_template(file, (ROOT / file).read_text())) == []
