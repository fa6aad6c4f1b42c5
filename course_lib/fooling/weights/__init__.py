"""Networks that were trained to lie: their weights differ, and no part is added."""
