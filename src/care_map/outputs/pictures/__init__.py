"""Charts and maps of a report, drawn into PNG without any screen."""
