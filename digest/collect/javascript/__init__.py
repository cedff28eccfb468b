"""What the generators whose settings are JavaScript share; none of it is ever run."""
