/*
title = "The password policy asks for eight characters of all kinds"
severity = "medium"
duty = "identity.credential-hygiene"
why = "Without a policy people choose what they remember, and so does everybody who guesses."
fix = """
aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 \\
  --require-symbols --require-numbers --require-uppercase-characters --require-lowercase-characters
"""
[controls]
aws-fsbp = ["IAM.7"]
nist-800-53-r5 = ["IA-5(1)"]
[params]
min_length = 8
*/
select
  p.arn as resource,
  p.is_configured and p.minimum_password_length >= $min_length and p.require_symbols
    and p.require_numbers and p.require_uppercase_characters and p.require_lowercase_characters as ok,
  case
    when not p.is_configured then 'no password policy is set'
    when p.minimum_password_length < $min_length
      then 'passwords need only ' || p.minimum_password_length || ' characters'
    when not p.require_symbols then 'symbols are not required'
    when not p.require_numbers then 'digits are not required'
    when not p.require_uppercase_characters then 'upper case letters are not required'
    when not p.require_lowercase_characters then 'lower case letters are not required'
    else 'length and all four kinds are required'
  end as reason
from iam_password_policy p
