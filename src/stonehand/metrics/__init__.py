"""Numbers for Prometheus: counted in the database over all workers, cheaply, however much there is."""
