"""What only maintainers run: training, measuring and drawing again what the course ships."""
