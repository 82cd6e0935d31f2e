"""consul-template: keeps a file in step with Consul, and runs a command when it has changed."""
