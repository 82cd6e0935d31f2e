"""Consul: servers with a leader, gossip, agents with their checks, the catalogue and DNS."""
