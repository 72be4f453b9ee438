"""The evidence log: append-only items under a signed Merkle tree, and what is asked of them."""
