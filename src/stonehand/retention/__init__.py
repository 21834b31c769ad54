"""How long things are kept: results, records of jobs, raw pages and letters, the bodies of old articles."""
