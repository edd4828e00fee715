"""How the small MarianMT checkpoints of this project are trained, from pairs to package."""
