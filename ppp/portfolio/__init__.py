"""The district: all projects together, what they ask of its budgets, what may fall due, and which of them when."""
