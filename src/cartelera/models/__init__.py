"""Both models as one: what makes them, what holds them."""
