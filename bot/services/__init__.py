"""Acts and rules, with no screen: what the organisation said, who may do what, when, and why."""
