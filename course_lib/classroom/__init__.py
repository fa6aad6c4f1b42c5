"""What all lessons need: exercises and their marking, claims, order, widgets, tickets."""
