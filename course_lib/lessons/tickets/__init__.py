"""Exit tickets: a few questions at the end of a lesson, with explained answers."""
