"""What the service would answer each user, made in advance."""
