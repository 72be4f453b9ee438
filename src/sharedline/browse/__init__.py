"""What stands under the pages: one scan counted and sorted for quick questions, no web framework."""
