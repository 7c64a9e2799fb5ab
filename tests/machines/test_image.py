"""What a job finds on a machine, as the image has it."""

import base64
import json
import os
import struct

import pytest

from practice.grid.vms import image

# mov x0,1; adr x1,text; mov x2,6; mov x8,64 (write); svc 0; mov x0,0; mov x8,93 (exit); svc 0
ARM64 = (0xD2800020, 0x100000E1, 0xD28000C2, 0xD2800808, 0xD4000001, 0xD2800000, 0xD2800BA8, 0xD4000001)


def a_program_of_arm64():
    """An ELF file that says arm64 and nothing else; there is no compiler for it here."""
    body = struct.pack("<8I", *ARM64) + b"arm64\n"
    base, start = 0x400000, 64 + 56
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = ident + struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, base + start, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    return head + struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, *[start + len(body)] * 2, 4096) + body


def test_nothing_comes_in_and_no_memory_gets_onto_a_disk(worker):
    said = worker.run("""
        nft list ruleset | grep -c "policy drop"
        tail -n +2 /proc/swaps | wc -l
        cat /proc/sys/kernel/core_pattern
        ss -Hltn | wc -l
    """)
    assert said.splitlines() == ["2", "0", "|/bin/false", "0"]


def test_all_that_can_be_written_lies_in_the_encrypted_store(worker):
    said = worker.run("""
        for place in / /work /var/lib/docker; do
          awk -v place=$place '$2 == place {source = $1} END {print place, source}' /proc/mounts
        done
        awk '$1 == "/dev/vda" || $1 == "/dev/vdb"' /proc/mounts | wc -l
    """)
    assert said.split() == [
        *["/", "root"],
        *["/work", "/dev/mapper/store"],
        *["/var/lib/docker", "/dev/mapper/store"],
        "0",
    ]


def test_a_program_of_arm64_runs_and_docker_has_not_started_for_nothing(worker):
    program = base64.b64encode(a_program_of_arm64()).decode()
    said = worker.run(f"""
        echo {program} | base64 -d >arm64; chmod +x arm64; ./arm64
        pidof dockerd || echo no Docker
        stat -c %F /run/docker.sock
    """)
    assert said.splitlines() == ["arm64", "no Docker", "socket"]


def test_the_manifest_is_true_and_a_machine_tells_of_its_image(worker):
    build = image.newest(image.folder(os.environ))
    manifest = json.loads((build.folder / "manifest.json").read_text())
    for file in (build.kernel, build.initrd, build.root):
        assert manifest["sizes"][file.name] == file.stat().st_size
    versions = {package["name"]: package["version"] for package in manifest["packages"]}
    said = worker.run("dpkg-query --show --showformat '${Version}' git; echo; uname -r")
    assert said.split() == [versions["git"], manifest["kernel"]["version"]]
    [claim] = worker.host.manager.said("claim")
    assert claim["image"] == {
        name: manifest[name] for name in ("hash", "format", "built_at", "base", "engines")
    }


@pytest.mark.proof  # by software emulation it takes a minute
def test_docker_comes_up_for_the_first_that_calls_and_runs_an_image_that_was_made_here(worker):
    said = worker.run("""
        tar -c -C /usr bin/busybox | docker import --change 'ENTRYPOINT ["/bin/busybox"]' - tiny >/dev/null
        docker run --rm tiny echo from a container
        docker info --format '{{.Driver}} {{.CgroupDriver}}'
        pgrep -c '^(dockerd|containerd)$'
    """)
    assert said.splitlines() == ["from a container", "overlay2 cgroupfs", "2"], worker.done()
