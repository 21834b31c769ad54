"""Reports: what happened to articles, readers, sources, work and money, by the day and by the week."""
