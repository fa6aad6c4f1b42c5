"""All that is lesson 00's alone."""
