"""Pictures of figures: what people chose, the same beside last time's, and a scale over time."""
