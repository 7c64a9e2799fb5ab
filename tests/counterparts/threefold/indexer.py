"""What an indexer makes of the chain's final blocks: every contract that ever was, with its bills."""

from dataclasses import dataclass, field

from practice.chain import events


@dataclass
class Listed:
    contract_id: int
    twin_id: int
    node_id: int
    data: str
    hash: str
    created: int
    state: str = "Created"
    bills: list = field(default_factory=list)


class Indexer:
    def __init__(self):
        self.contracts, self.read_to = {}, 0

    def follow(self, chain):
        """Read the final blocks that it has not read yet."""
        for block in chain.since(self.read_to):
            if block.number > chain.final.number:
                return
            for record in block.records:
                self._read(record.event, block.at)
            self.read_to = block.number

    def _read(self, event, at):
        match event:
            case events.ContractCreated(made):
                self.contracts[made.contract_id] = Listed(
                    made.contract_id,
                    made.twin_id,
                    made.node_id,
                    made.deployment_data,
                    made.deployment_hash.decode(),
                    at,
                )
            case events.ContractBilled(contract_id, timestamp, discount, amount):
                bill = {"amountBilled": amount, "discountReceived": discount.title, "timestamp": timestamp}
                self.contracts[contract_id].bills.append(bill)
            case events.ContractGracePeriodStarted(contract_id):
                self.contracts[contract_id].state = "GracePeriod"
            case events.ContractGracePeriodEnded(contract_id):
                self.contracts[contract_id].state = "Created"
            case events.NodeContractCanceled(contract_id):
                self.contracts[contract_id].state = "Deleted"
