"""An AWS to run against: a local emulator, and the data that fills its gaps."""
