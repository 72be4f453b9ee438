"""Collection: from AWS's API to the rows of the inventory tables."""
