"""What the town is strong at, where its chain is broken, which firms are about to climb or fall."""
