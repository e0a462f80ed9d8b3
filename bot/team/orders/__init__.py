"""The team's screens for making a broadcast, for the library of dialogs, and for following broadcasts."""
