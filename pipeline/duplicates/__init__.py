"""Articles that stand in the input more than once: how texts are sketched, compared and marked."""
