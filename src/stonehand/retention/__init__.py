"""How long things are kept: results, records of jobs, raw pages, the bodies of old articles."""
