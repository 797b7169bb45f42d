"""What is happening now: exchanges in a bounded ring, the filter language, views and rates. Knows no UI."""
