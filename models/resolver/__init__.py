"""How programs turn names into addresses: glibc, nscd, and the habits of runtimes."""
