"""What runs where: threads for the database and for files, processes that go away, and what the system says of them."""
