"""The participant's screens: answers, who reads, consent, settings, pausing, leaving and erasing."""
