"""All that is lesson 07's alone."""
