"""Articles: fetched, extracted, told apart."""
