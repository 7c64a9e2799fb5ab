"""May a team start a machine? The balance must cover the next hour of all that runs."""

from dataclasses import dataclass

from tfci.tft import Tft


@dataclass(frozen=True, slots=True)
class Allowance:
    """`left`: what may still be promised for a first hour of new machines; below 0 when even what runs is not
    covered."""

    left: Tft

    def covers(self, per_hour: Tft) -> bool:
        return self.left >= per_hour

    def less(self, per_hour: Tft) -> "Allowance":
        return Allowance(self.left - per_hour)

    @property
    def drained(self) -> str:
        """Why nothing new may start and nothing may stand by; "" while what runs is covered."""
        return (
            "" if self.left >= 0 else f"for TFT: {-self.left} TFT are missing for the next hour of what runs"
        )

    def why_not(self, per_hour: Tft) -> str:
        """For a machine that is not covered."""
        return (
            f"for TFT: the balance must cover an hour of all that runs, and {per_hour - self.left} TFT are missing "
            "for one more machine"
        )


def allowance(balance: Tft, owed: Tft, running_per_hour: Tft) -> Allowance:
    """`owed`: run up and not charged yet; `running_per_hour`: of all machines that are not gone."""
    return Allowance(balance - owed - running_per_hour)
