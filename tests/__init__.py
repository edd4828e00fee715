"""The tests of newsbitext."""
