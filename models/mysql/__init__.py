"""MySQL server 5.6 or 5.7: replication by GTID, semi-sync, crash recovery, and what is lost."""
