"""Runs and registered models in MLflow."""
