"""The failures and surprises of the talk, one recipe each: what strikes, and what comes of it."""
