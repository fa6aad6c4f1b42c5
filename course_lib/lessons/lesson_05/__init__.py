"""All that is lesson 05's alone."""
