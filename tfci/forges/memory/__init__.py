"""The memory of forge clients between calls: in this process, or shared by all of them."""
