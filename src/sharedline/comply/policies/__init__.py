"""Enterprise policies: clauses with stable ids, what they ask for, and what proves them."""
