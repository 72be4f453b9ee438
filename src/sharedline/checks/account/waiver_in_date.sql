/*
title = "Accepted exceptions are in date"
severity = "medium"
duty = "response.remediation"
why = "An exception was accepted until a day. Past it nobody stands for the risk any more, yet the gap is still there."
fix = """
Mend the finding and remove the entry from waivers.toml, or have it approved again with a new expiry:
sharedline waive --check CHECK --resource ARN --reason "…" --approver "…" --expires YYYY-MM-DD
"""
[controls]
nist-800-53-r5 = ["CA-5", "RA-7"]
*/
select
  w.arn as resource,
  w.expires >= scan.as_of as ok,
  case
    when w.expires >= scan.as_of then 'in force, approved by ' || w.approver
    else 'expired; approved by ' || w.approver || ' for: ' || w.reason
  end as reason
from waiver w
