-- Optuna's studies: MLflow's tables and Optuna's do not go together in one database.
CREATE DATABASE study;
