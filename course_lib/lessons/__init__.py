"""What the lessons need besides the science: claims, predictions, statistics, the real network."""
