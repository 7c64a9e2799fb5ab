"""Who builds: never root. Root lets a user of its own build (prepare.sh makes it), anybody else builds as himself."""

import os
import shutil
import subprocess

NAME = "farmhand-images"


def give(folder):
    """What root has made for the builder becomes the builder's."""
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, NAME, NAME)


def run(*command):
    """Without root's rights, whoever we are. What it prints is for people. Raises when it fails."""
    drop = ("runuser", "-u", NAME, "--") if os.geteuid() == 0 else ()
    subprocess.run([str(word) for word in (*drop, *command)], check=True, cwd="/", stdout=2)


def run_as_root_of_nothing(*command):
    """As the root of a user namespace: may own files as anybody there, and is nobody outside."""
    run("unshare", "--map-root-user", "--map-auto", "--", *command)
