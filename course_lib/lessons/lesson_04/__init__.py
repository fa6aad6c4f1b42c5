"""All that is lesson 04's alone."""
