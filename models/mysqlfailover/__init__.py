"""mysqlfailover of MySQL Utilities 1.5 and 1.6: its loop, its time-outs, and the failover."""
