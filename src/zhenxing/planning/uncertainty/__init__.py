"""What could go wrong: draws of luck, an independent simulator, a two-stage plan, and what they say."""
