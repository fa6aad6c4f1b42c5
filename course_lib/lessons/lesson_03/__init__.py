"""All that is lesson 03's alone."""
