"""Engines run shards by workers: `local` by processes of this machine, `ray_cluster` by actors on a cluster."""
