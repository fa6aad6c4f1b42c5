"""The face of lesson 09's room: all that its notebook needs from here."""
