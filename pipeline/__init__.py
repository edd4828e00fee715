"""News articles in many languages, scraped as plain text, into an English parallel corpus."""

__version__ = "0.1.0"
