"""Intent, send, adopt, follow: the only code that sends a mutation."""
