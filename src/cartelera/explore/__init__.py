"""The exploratory report: tables, figures, HTML."""
