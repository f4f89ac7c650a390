"""Judgement on the model's numbers: value for money, affordability, scores, risk, performance, and the verdict."""
