"""Engines run shards by workers: `local` by processes of this machine."""
