"""Cartelera: from raw streaming catalogues and ratings to one recommendation service."""
