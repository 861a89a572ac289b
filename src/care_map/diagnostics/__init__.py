"""What can be said about the data itself."""
