"""The desk in the browser, and the API."""
