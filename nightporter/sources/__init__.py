"""A raw file of access, USB or badge logs becomes typed rows of one table, or rejects."""
