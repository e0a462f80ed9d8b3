"""What comes back, over weeks and a year: everything real but the clock and the network."""
