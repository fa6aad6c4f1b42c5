"""All that is lesson 06's alone."""
