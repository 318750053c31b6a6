"""Ratings: cleaning, splitting and testing them for quality and taste."""
