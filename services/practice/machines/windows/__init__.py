"""Windows machines: what their command interpreters answer."""
