"""Files in, plain tables out; every problem of every input is collected."""
