"""The durable memory: what was asked, by whom, why and with what evidence."""
