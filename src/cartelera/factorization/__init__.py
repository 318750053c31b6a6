"""The model: matrix factorization by stochastic gradient descent."""
