"""The lake: Parquet files that hold scans, findings and the trail, and the engines over it."""
