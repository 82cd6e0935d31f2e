"""Redis Sentinel: detection, agreement, election and the failover machine."""
