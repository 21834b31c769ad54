"""Inside a worker: claim, run, settle; leases that are kept, limits that are held, processes that end."""
