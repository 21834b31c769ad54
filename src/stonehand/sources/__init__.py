"""Where content comes from: feeds, sitemaps, lists of pages, and what each of them last said."""
