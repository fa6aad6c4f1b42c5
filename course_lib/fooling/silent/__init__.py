"""Silent units: twins of channels that never speak for a photograph, and show what they like."""
