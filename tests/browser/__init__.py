"""The site in a real browser. A package, so that the browser is closed before a test with a loop of its own follows in the same process."""
