"""From the auditor's controls to what proves them: frameworks, the line per control, evidence."""
