"""What sentences are about: names of rows, and words that no code knows."""

ORG, JOB, NODE = "kestrel", "kestrel/wing: test", "node 14"
PERSON = "ines@kestrel.example"
OTHER = (
    "the operator moved it by hand after the outage of May"  # as a forge, a grid or an old release may say it
)
TFT = 10_000_000
