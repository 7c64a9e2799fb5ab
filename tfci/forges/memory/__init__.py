"""What clients of forges remember between calls: in this process, or shared by all of them."""
