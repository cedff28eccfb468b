"""What is the same for all webhooks of providers: proof of who speaks, and how it is read."""
