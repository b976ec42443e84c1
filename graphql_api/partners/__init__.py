"""Partners in the API: organisations with members and keys, and the operations that they register."""
