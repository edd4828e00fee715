"""The table of stages: their configs, in the order of a usual plan."""
