"""Measures of what batch normalization does to a network, one file a measure; `catalogue` has them by name."""
