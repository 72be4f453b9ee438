"""The trail: CloudTrail events in the lake, and what is read from them."""
