"""Everything that was read, found again: searches, saved searches and their feeds, tags, bookmarks, exports."""
