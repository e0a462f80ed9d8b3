"""Acts and rules without screens: the organisation's facts, permissions, hours and purposes."""
