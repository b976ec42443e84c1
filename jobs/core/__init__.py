"""What all job functions share: the worker loop, leases kept alive, failures sorted, the sweeper."""
