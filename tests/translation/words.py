"""What there is to translate in a text: words, but for names and units."""

import re

# Names of others, of ourselves and of units are the same in every language.
SAME = set(
    [
        "Farmhand",
        "GitHub",
        "Gitea",
        "Forgejo",
        "Woodpecker",
        "ThreeFold",
        "Mycelium",
        "Ubicloud",
        "Codeberg",
        "Prometheus",
        "OpenAPI",
        "JSON",
        "YAML",
        "CSV",
        "API",
        "SSH",
        "ID",
        "URL",
        "USD",
        "TFT",
        "CPU",
        "CPUs",
        "vCPU",
        "vCPUs",
        "SSD",
        "RAM",
        "VM",
        "VMs",
        "GB",
        "MB",
        "kB",
        "MiB",
        "GiB",
        "KVM",
        "QEMU",
        "CI",
        "h",
        "min",
        "s",
        "ms",
        "x",
    ]
)
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def is_text(shown: str) -> bool:
    """Whether there is something to translate."""
    return any(word not in SAME for word in WORD.findall(shown))
