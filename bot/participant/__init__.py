"""What is in a leader's hands at any time: her answers, who reads, her ways, her rest, her erasure."""
