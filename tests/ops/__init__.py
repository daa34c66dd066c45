"""Every operation alone: values, derivatives, batches, graphs."""
