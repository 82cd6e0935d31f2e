"""Redis server and replication, as 7.0 (or, by option, 2.8/3.0 of 2015) behaves."""
