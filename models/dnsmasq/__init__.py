"""dnsmasq: answers from the hosts file as it was when it started, forwards what is Consul's."""
