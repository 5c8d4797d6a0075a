"""Same-run measurements of the diagnosis beside its peers."""
