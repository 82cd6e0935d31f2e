"""The failures and surprises of the talk, one recipe each: what strikes, what is seen, how often."""
