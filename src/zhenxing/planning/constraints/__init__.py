"""The rules of the plan model, one file each: formula in the docstring, rows in the model."""
