"""Titles: cleaning them and answering questions about them."""
