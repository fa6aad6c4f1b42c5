"""The engine: image parameterizations, transformations, objectives, and the optimizer loop."""
