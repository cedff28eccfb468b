"""How an issue reaches its readers: the audience, the outbox that never sends twice, and the providers."""
