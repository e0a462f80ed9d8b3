"""What Hilo is made of: a list of its libraries for others, their licences, and known faults in them."""
