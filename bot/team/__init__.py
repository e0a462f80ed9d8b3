"""What facilitators and admins can do in chat."""
