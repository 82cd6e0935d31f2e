"""Second by second: what hosts, servers, Sentinels, the name and the users saw, as swim lanes."""
