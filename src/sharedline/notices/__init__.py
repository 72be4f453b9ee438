"""What is worth telling people, told once: digests, what expires, what is due, issues, findings."""
