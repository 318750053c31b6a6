"""The ranking model: a truncated SVD of scaled ratings that orders lists."""
