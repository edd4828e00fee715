"""Tells an article's own lines from what a scraper brought along, by rules and lexicons."""
