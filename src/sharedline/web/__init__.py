"""The pages people live in: matrix, gaps, flow, exercises; and the same operations as an API."""
