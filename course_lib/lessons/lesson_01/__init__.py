"""All that is lesson 01's alone."""
