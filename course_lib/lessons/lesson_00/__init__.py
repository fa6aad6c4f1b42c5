"""All that is lesson 00's alone; its notebook needs nothing of it."""
