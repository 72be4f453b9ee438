"""Two policies compared, and what a resource policy opens: exact, with a request as proof."""
