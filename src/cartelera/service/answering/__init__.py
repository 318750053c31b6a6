"""What the service knows, whatever the protocol."""
