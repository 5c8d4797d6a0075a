"""Why a plan is as it is: what stands in the way, what limits are worth, what a wish costs."""
