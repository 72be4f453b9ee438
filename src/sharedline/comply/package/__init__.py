"""The audit package: what an auditor gets, as documents that refer to each other and can be checked."""
