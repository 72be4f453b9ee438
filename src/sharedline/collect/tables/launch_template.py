"""What instances are launched from: EC2 launch templates, default version."""

from __future__ import annotations

from sharedline.collect.secret_patterns import secret_kinds_in_user_data
from sharedline.collect.table import Call, Table, col, item, opt
