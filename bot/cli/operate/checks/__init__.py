"""What `hilo doctor` looks for, by where it lies: each check tells what it found, and what it could not look at."""
