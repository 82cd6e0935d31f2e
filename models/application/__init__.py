"""The application: instances on web hosts, their connections to data stores, and who calls whom."""
