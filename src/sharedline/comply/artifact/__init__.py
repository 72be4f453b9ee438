"""AWS's own paper: reports and agreements of AWS Artifact, what they prove and what is missing."""
