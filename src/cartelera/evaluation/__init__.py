"""How good a recommender is, beside baselines."""
