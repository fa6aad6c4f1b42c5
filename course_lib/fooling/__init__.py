"""Networks that answer as before and show something else."""
