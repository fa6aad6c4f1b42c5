"""All that is lesson 02's alone."""
