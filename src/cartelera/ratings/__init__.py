"""Ratings: cleaning, splitting and testing them for taste."""
